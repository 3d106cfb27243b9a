/** Headers as Node gives them raw: name, value, name, value. */
export type RawHeaders = readonly string[];

/** What the client's connection tells about itself. */
export interface ClientConnection {
  readonly address: string | undefined;
  readonly isSecure: boolean;
}

/** Belong to one connection, so never to both. TE and Proxy-* likewise. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

const rewritten: ReadonlySet<string> = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"]);

/** For the program: end-to-end headers as they came, and who asked. */
export function requestHeaders(raw: RawHeaders, client: ClientConnection): string[] {
  const kept = endToEnd(raw, (name) => rewritten.has(name));
  const isChunked = valuesOf(raw, "transfer-encoding").length > 0;
  return [
    ...kept,
    // HTTP/1.0 clients may leave it out, which HTTP/1.1 forbids.
    ...(valuesOf(raw, "host").length === 0 ? ["Host", "localhost"] : []),
    // Node takes a list as it is: a chunked body has to be declared in it.
    ...(isChunked ? ["Transfer-Encoding", "chunked"] : []),
    ...forwardedHeaders(raw, client),
  ];
}

/** For the program behind an upgraded connection, which is passed on byte by byte. */
export function upgradeHeaders(raw: RawHeaders, client: ClientConnection): string[] {
  const kept = raw.filter((_, index) => !rewritten.has(nameAt(raw, index)));
  return [...kept, ...forwardedHeaders(raw, client)];
}

/** For the client. */
export function responseHeaders(raw: RawHeaders): string[] {
  return endToEnd(raw, () => false);
}

export function valuesOf(raw: RawHeaders, name: string): string[] {
  return raw.filter((_, index) => index % 2 === 1 && nameAt(raw, index) === name);
}

function forwardedHeaders(raw: RawHeaders, client: ClientConnection): string[] {
  const address = client.address?.replace(/^::ffff:(?=\d+\.)/, "");
  const chain = [...valuesOf(raw, "x-forwarded-for"), ...(address === undefined ? [] : [address])];
  const [proto = client.isSecure ? "https" : "http"] = valuesOf(raw, "x-forwarded-proto");
  const [host] = [...valuesOf(raw, "x-forwarded-host"), ...valuesOf(raw, "host")];
  return [
    ...(chain.length === 0 ? [] : ["X-Forwarded-For", chain.join(", ")]),
    "X-Forwarded-Proto",
    proto,
    ...(host === undefined ? [] : ["X-Forwarded-Host", host]),
  ];
}

function endToEnd(raw: RawHeaders, isDropped: (name: string) => boolean): string[] {
  const named = valuesOf(raw, "connection").flatMap((value) => value.toLowerCase().split(/\s*,\s*/));
  return raw.filter((_, index) => {
    const name = nameAt(raw, index);
    return !hopByHop.has(name) && !isDropped(name) && !(named.includes(name) && isNameable(name));
  });
}

/** A client may not have these removed by naming them in Connection. */
function isNameable(name: string): boolean {
  return !["content-length", "host", "authorization", "cookie", "expect"].includes(name);
}

function nameAt(raw: RawHeaders, index: number): string {
  return (raw[index - (index % 2)] ?? "").toLowerCase();
}
