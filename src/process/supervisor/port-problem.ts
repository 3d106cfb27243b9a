import { exits, isProblem, Problem } from "../../problem.ts";
import type { Service } from "./life.ts";
import { portHolder } from "./port-holder.ts";
import { portTakenProblem } from "./port-taken.ts";
import { readStat } from "./proc.ts";
import { isShimAlive } from "./shim.ts";

/** A port that could not be bound, with whoever holds it; any other error as it is. */
export function portProblem(service: Service, ports: readonly number[], error: unknown): unknown {
  if (!isProblem(error) || error.detail.code !== "PORT_TAKEN") return error;
  const held = isShimAlive(service.record.shim) ? service.record.shim.ports : [];
  for (const port of ports.filter((wanted) => !held.includes(wanted))) {
    const holder = portHolder(port);
    if (holder === null) continue;
    return isOwn(service, holder.pid)
      ? shimGone(service, error)
      : portTakenProblem(service.key, port, holder);
  }
  return error;
}

/** One of its instances, or a child of the lost shim that waits for one. */
function isOwn({ record, instances }: Service, pid: number | null): boolean {
  const session = pid === null ? undefined : readStat(pid)?.session;
  const leaders = [record.shim?.mark, ...instances.map((one) => one.record.leader)];
  return session !== undefined && leaders.some((leader) => leader?.pid === session);
}

/** Somebody killed the shim: its instances serve on, but nobody can give their socket to new ones. */
function shimGone(service: Service, cause: unknown): Problem {
  const detail = {
    code: "SHIM_GONE",
    what: `The process that holds the port of ${service.key} for its instances was killed.`,
    why: "The running instances still have the port, and cannot pass it on.",
    fix: `Run \`cutover stop ${service.record.name}\` and \`cutover start ${service.record.name}\`: a short interruption, once.`,
    state: "Its instances serve on; nothing was changed.",
    exit: exits.refused,
  };
  return new Problem(detail, { cause });
}
