import type { HomePaths } from "../process/home.ts";
import { environmentOf } from "../process/supervisor/proc.ts";
import { portHolder } from "../process/supervisor/port-holder.ts";
import { isShimOf, portTakenProblem } from "../process/supervisor/port-taken.ts";
import type { Finding } from "../release/finding.ts";
import type { IntendedPort } from "./end.ts";

/** Ports that a service will want and somebody else has; an instance whose shim was killed is for the supervisor to tell. */
export function takenPorts(
  app: string,
  ports: readonly IntendedPort[],
  { run }: Pick<HomePaths, "run">,
): readonly Finding[] {
  return ports.flatMap(({ service, port }) => {
    const key = `${app}/${service}`;
    const holder = portHolder(port);
    if (holder === null || isShimOf(holder, key, run) || isInstance(holder.pid)) return [];
    return [{ severity: "refuse" as const, problem: portTakenProblem(key, port, holder).detail }];
  });
}

function isInstance(pid: number | null): boolean {
  return pid !== null && environmentOf(pid).some((entry) => entry.startsWith("CUTOVER_INSTANCE_ID="));
}
