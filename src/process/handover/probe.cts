import type * as net from "node:net";
import { liveClaims, type Claim } from "./claims.cts";
import { markProbe } from "./connections.cts";
import { publicPort } from "./environment.cts";

interface ProbeSocket extends net.Socket {
  server: unknown;
  readonly _handle: Record<"getpeername" | "getsockname", (out: object) => number>;
}

/** Gives a connection of the supervisor's to the program's own server, as if it had come through the port. */
export function answerProbe(socket: net.Socket): void {
  const claim = publicClaim();
  if (claim === undefined) {
    socket.destroy();
    return;
  }
  const probe = socket as ProbeSocket;
  markProbe(probe);
  probe.server = claim.server;
  probe._handle.getpeername = named({ address: "127.0.0.1", family: "IPv4", port: 1 });
  probe._handle.getsockname = named({ address: "127.0.0.1", family: "IPv4", port: claim.port });
  claim.server.emit("connection", probe);
}

function named(name: object): (out: object) => number {
  return (out) => {
    Object.assign(out, name);
    return 0;
  };
}

function publicClaim(): Claim | undefined {
  const claims = [...liveClaims()].sort((one, other) => one.port - other.port);
  return claims.find((claim) => claim.port === publicPort) ?? claims[0];
}
