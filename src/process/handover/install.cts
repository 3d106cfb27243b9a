import { followClaims } from "./claims.cts";
import { installClaim } from "./claim.cts";
import { installWorker } from "./cluster.cts";
import type * as Control from "./control.cts";
import { installMessage } from "./message.cts";
import { installSpawn } from "./spawn.cts";

export function install(): void {
  followClaims({ admit: startControl, hold: () => undefined });
  installClaim();
  installWorker();
  installSpawn();
  installMessage();
}

// Most processes of an instance are launchers that never listen: what serves a gate is loaded by the first claim.
function startControl(server: Parameters<typeof Control.startControl>[0]): void {
  const control = require("./control.cjs") as typeof Control;
  control.startControl(server);
}
