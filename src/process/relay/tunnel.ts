import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { requestHeaders, upgradeHeaders, valuesOf } from "./headers.ts";
import type { ClientConnection } from "./headers.ts";
import { dial } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

/** Two connections as one, half-closed ends included; when either breaks, both do. */
export function join(client: Socket, upstream: Socket): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
    one.pipe(other);
  }
}

/** A request that asks for another protocol (WebSocket) goes to the program as it came; what follows is not HTTP to us. */
export function tunnel(incoming: IncomingMessage, client: Socket, head: Buffer, to: Upstream): void {
  const connection: ClientConnection = { address: client.remoteAddress, isSecure: "encrypted" in client };
  const upstream = dial(to);
  upstream.once("error", () => {
    if (upstream.bytesRead === 0) client.write("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n");
  });
  upstream.write(`${requestHead(incoming, connection)}\r\n`, "latin1");
  upstream.write(head);
  join(client, upstream);
}

function requestHead(incoming: IncomingMessage, connection: ClientConnection): string {
  const { rawHeaders } = incoming;
  // An offer of HTTP/2 may be ignored; the connection then is no use for a second request.
  const isOffer = valuesOf(rawHeaders, "upgrade").some((value) => value.toLowerCase() === "h2c");
  const headers = isOffer
    ? [...requestHeaders(rawHeaders, connection), "Connection", "close"]
    : upgradeHeaders(rawHeaders, connection);
  const lines = headers.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${headers[index + 1] ?? ""}`] : [],
  );
  return [`${incoming.method ?? "GET"} ${incoming.url ?? "/"} HTTP/1.1`, ...lines, ""].join("\r\n");
}
