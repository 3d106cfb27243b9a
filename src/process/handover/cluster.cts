import type * as net from "node:net";
import { claim } from "./claim.cts";
import { liveClaims } from "./claims.cts";
import type { ListenHandle, Listener } from "./internals.cts";
import { isDeclared } from "./spares.cts";

interface ClusterInternals {
  readonly isWorker: boolean;
  _getServer(server: Listener, options: Query, callback: Answer): void;
}

interface Query {
  readonly address?: string | null;
  readonly port?: number;
  readonly addressType?: number | string;
}

type Answer = (error: number, handle: ListenHandle | null) => void;

/** A worker of the program's own cluster takes the inherited socket itself: nothing is accepted in its primary. */
export function installWorker(): void {
  if (process.channel === undefined) return;
  const cluster = require("node:cluster") as ClusterInternals;
  if (!cluster.isWorker) return;
  const ask = cluster._getServer;
  cluster._getServer = function (server, options, callback) {
    const { port, address } = options;
    if (port === undefined || !isDeclared(port) || !claim({ server, port, host: address ?? null })) {
      ask.call(this, server, options, callback);
      return;
    }
    server.once("listening", () => tellPrimary(server, options));
    // Node closes a handle that it finds on the server when the answer comes.
    const handle = server._handle;
    server._handle = null;
    callback(0, handle);
  };
  process.once("disconnect", () => {
    for (const { server } of liveClaims()) server.close();
  });
}

// What Node's own worker sends, so that the program's cluster.on("listening") still fires.
function tellPrimary(server: Listener, { port, addressType }: Query): void {
  const address = server.address() as net.AddressInfo | null;
  process.send?.({
    cmd: "NODE_CLUSTER",
    act: "listening",
    address: address?.address,
    port: address?.port ?? port,
    addressType,
  });
}
