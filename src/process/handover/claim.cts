import net from "node:net";
import { liveClaims } from "./claims.cts";
import { admit, shadow, type ListenRequest } from "./gate.cts";
import { asInternals } from "./internals.cts";
import { isDeclared, takeHandle, wasLost } from "./spares.cts";
import { leaveForUndeclared } from "./wants.cts";

/** A listen on a declared port takes the inherited socket; everything else about it stays Node's own. */
export function installClaim(): void {
  const prototype = asInternals(net).Server.prototype;
  const listen = prototype._listen2;
  prototype._listen2 = function (address, port, ...rest) {
    if (!this._handle && typeof port === "number" && port > 0) {
      if (isDeclared(port)) claim({ server: this, port, host: address });
      else leaveForUndeclared(address, port);
    }
    listen.call(this, address, port, ...rest);
  };
}

/** False when nothing is left to claim: the program then binds for itself, which fails with EADDRINUSE. */
export function claim(request: ListenRequest): boolean {
  const { port } = request;
  const handle = takeHandle(port);
  if (handle !== undefined) admit(request, handle);
  else if (liveClaims().some((known) => known.port === port)) shadow(request);
  else return sayWhy(port);
  return true;
}

function sayWhy(port: number): false {
  if (wasLost(port)) {
    process.stderr.write(
      `cutover: the socket of port ${port} did not reach this process, something that started it closed it\n`,
    );
  }
  return false;
}
