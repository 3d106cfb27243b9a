import { exits, isProblem, Problem } from "../../problem.ts";
import type { Service } from "./life.ts";
import { portHolder, type PortHolder } from "./port-holder.ts";
import { readStat } from "./proc.ts";
import { isShimAlive } from "./shim.ts";

/** A port that could not be bound, with whoever holds it; any other error as it is. */
export function portProblem(service: Service, ports: readonly number[], error: unknown): unknown {
  if (!isProblem(error) || error.detail.code !== "PORT_TAKEN") return error;
  const held = isShimAlive(service.record.shim) ? service.record.shim.ports : [];
  for (const port of ports.filter((wanted) => !held.includes(wanted))) {
    const holder = portHolder(port);
    if (holder === null) continue;
    return isOwn(service, holder.pid) ? shimGone(service, error) : taken(service, port, holder);
  }
  return error;
}

function taken(service: Service, port: number, { pid, user, command }: PortHolder): Problem {
  const other = /\/run\/\d+\/shim\.sh (\S+)$/.exec(command)?.[1];
  if (other !== undefined) return takenByService(service, port, other);
  const who = pid === null ? `user ${user}` : `pid ${String(pid)}, user ${user}`;
  return new Problem({
    code: "PORT_TAKEN",
    what: `Port ${String(port)} of ${service.key} is taken by ${command} (${who}).`,
    fix: "Stop that process, or give the service another port.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

function takenByService(service: Service, port: number, other: string): Problem {
  return new Problem({
    code: "PORT_TAKEN",
    what: `Port ${String(port)} of ${service.key} is taken by the service ${other}, which cutover runs.`,
    fix: `End that one (cutover delete ${other}), or give one of them another port.`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
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
