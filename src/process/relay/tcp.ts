import { createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "./tunnel.ts";
import { dial } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

/** Passes connections on byte by byte, for programs that do not speak HTTP. */
export function createTcpRelay(upstream: Upstream): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    join(client, dial(upstream));
  });
}
