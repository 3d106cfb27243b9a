import { Connection } from "../../../src/proof/connection.ts";

/** What a client was answered; `app` is the server that answered, empty when the balancer itself did. */
interface Got {
  readonly status: number;
  readonly app: string;
}

export type Headers = Readonly<Record<string, string>>;

/** A client that sends every request exactly once. */
export interface Client {
  get(path: string, headers?: Headers): Promise<Got>;
  close(): void;
}

/** One connection for all requests; a new one only where the balancer closed it with an answer. */
export function keptClient(url: string): Client {
  let connection: Connection | undefined;
  return {
    async get(path, headers = {}) {
      if (connection?.isUsable !== true) connection = new Connection(new URL(url));
      return await send(connection, url, { path, headers, isKept: true });
    },
    close: () => connection?.end(),
  };
}

/** A connection for each request. */
export function freshClient(url: string): Client {
  return {
    async get(path, headers = {}) {
      const connection = new Connection(new URL(url));
      const got = await send(connection, url, { path, headers, isKept: false });
      connection.awaitEnd();
      return got;
    },
    close: () => undefined,
  };
}

async function send(
  connection: Connection,
  url: string,
  request: { readonly path: string; readonly headers: Headers; readonly isKept: boolean },
): Promise<Got> {
  const lines = [
    `GET ${request.path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    ...(request.isKept ? [] : ["Connection: close"]),
  ];
  const exchange = await connection.exchange({
    timeoutMs: 20_000,
    write: (socket) => socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1"),
  });
  if (exchange.kind === "failure") throw new Error(`${exchange.failure}: ${exchange.detail}`);
  return { status: exchange.reply.status, app: exchange.reply.headers.get("x-app") ?? "" };
}

/** Answers per server over `count` requests, some at a time; statuses other than 200 are counted under their number. */
export async function tally(client: Client, count: number, headers: Headers = {}): Promise<Tally> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i += 1) {
    const { status, app } = await client.get("/", headers);
    const key = status === 200 ? app : String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export type Tally = Readonly<Record<string, number>>;

/** Answers per server over `count` requests, half on fresh connections and half on one that was there before. */
export async function ask(url: string, count: number, headers: Headers = {}): Promise<Tally> {
  const kept = keptClient(url);
  const halves = [
    await tally(kept, Math.ceil(count / 2), headers),
    await tally(freshClient(url), Math.floor(count / 2), headers),
  ];
  kept.close();
  const sum: Record<string, number> = {};
  for (const half of halves) for (const [key, n] of Object.entries(half)) sum[key] = (sum[key] ?? 0) + n;
  return sum;
}
