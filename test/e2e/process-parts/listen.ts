import { once } from "node:events";
import type { Server } from "node:net";

/** Listens on a free port of the loopback and gives its number. */
export async function listen(server: Server, host: string = "127.0.0.1"): Promise<number> {
  server.listen({ port: 0, host, ipv6Only: host.includes(":") });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP port");
  return address.port;
}
