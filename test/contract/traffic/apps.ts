import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One application server behind the balancer: answers its own name and the headers it was asked with. */
interface App {
  readonly name: string;
  readonly address: string;
  /** Requests that reached it so far. */
  readonly requests: () => number;
  /** Answers the requests to /slow that wait here. */
  release(): void;
  /** Refuses connections from now on, those of the balancer's pool too. */
  close(): Promise<void>;
  open(): Promise<void>;
}

export interface Apps {
  readonly port: number;
  readonly all: readonly App[];
  app(name: string): App;
  close(): Promise<void>;
}

const first = 11;

/** Servers of one port on 127.0.0.11, 127.0.0.12, ..., each in this process. */
export async function openApps(names: readonly string[]): Promise<Apps> {
  for (let attempt = 0; ; attempt += 1) {
    const port = await portOf(names[0] ?? "");
    const all = names.map((name, i) => makeApp(name, `127.0.0.${first + i}`, port));
    try {
      for (const app of all) await app.open();
      return {
        port,
        all,
        app(name) {
          const found = all.find((app) => app.name === name);
          if (found === undefined) throw new Error(`no app ${name}`);
          return found;
        },
        async close() {
          for (const app of all) await app.close();
        },
      };
    } catch (error) {
      for (const app of all) await app.close();
      if (attempt === 9) throw error;
    }
  }
}

async function portOf(name: string): Promise<number> {
  const server = createServer().listen(0, `127.0.0.${first}`);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  if (port === 0) throw new Error(`no port for ${name}`);
  return port;
}

function makeApp(name: string, address: string, port: number): App {
  let requests = 0;
  let server: Server | undefined;
  const waiting = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests += 1;
    response.setHeader("x-cutover-release", `release-of-${name}`);
    response.setHeader("x-app", name);
    response.setHeader("content-type", "application/json");
    if (request.url === "/reset") return void request.socket.destroy();
    if (request.url === "/moved") {
      response.statusCode = 302;
      response.setHeader("location", `http://${request.headers.host}/there`);
    }
    if (request.url === "/fail") response.statusCode = 500;
    if (request.url === "/slow") return void waiting.add(response);
    response.end(JSON.stringify({ version: name, path: request.url, headers: request.headers }));
  };
  return {
    name,
    address,
    requests: () => requests,
    release() {
      for (const response of waiting) response.end(JSON.stringify({ version: name }));
      waiting.clear();
    },
    async open() {
      if (server !== undefined) return;
      // Longer than any balancer keeps an idle connection, so that closing one is the balancer's decision.
      server = createServer({ keepAliveTimeout: 120_000 }, answer);
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      server.listen(port, address);
      await once(server, "listening");
    },
    async close() {
      const closing = server;
      if (closing === undefined) return;
      server = undefined;
      for (const socket of sockets) socket.destroy();
      closing.close();
      if (closing.listening) await once(closing, "close");
    },
  };
}
