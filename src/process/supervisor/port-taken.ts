import { exits, Problem } from "../../problem.ts";
import type { PortHolder } from "./port-holder.ts";

/** Key of the service whose shim this is; undefined: it is none of cutover's. */
function shimService(holder: PortHolder): string | undefined {
  return shimOf(holder)?.service;
}

/** Whether it is the shim of this service under the home whose run directory this is. */
export function isShimOf(holder: PortHolder, key: string, run: string): boolean {
  const shim = shimOf(holder);
  return shim?.service === key && shim.run === run;
}

function shimOf({ command }: PortHolder): { readonly run: string; readonly service: string } | undefined {
  const { run, service } = /^\S+ (?<run>.*\/run)\/\d+\/shim\.sh (?<service>\S+)$/.exec(command)?.groups ?? {};
  return run === undefined || service === undefined ? undefined : { run, service };
}

export function portTakenProblem(key: string, port: number, holder: PortHolder): Problem {
  const other = shimService(holder);
  if (other === key) return takenElsewhere(key, port, holder);
  if (other !== undefined) return takenByService(key, port, other);
  const { pid, user, command } = holder;
  const who = pid === null ? `user ${user}` : `pid ${String(pid)}, user ${user}`;
  return new Problem({
    code: "PORT_TAKEN",
    what: `Port ${String(port)} of ${key} is taken by ${command} (${who}).`,
    fix: "Stop that process, or give the service another port.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

function takenByService(key: string, port: number, other: string): Problem {
  return new Problem({
    code: "PORT_TAKEN",
    what: `Port ${String(port)} of ${key} is taken by the service ${other}, which cutover runs.`,
    fix: `End that one (cutover delete ${other}), or give one of them another port.`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

/** Two supervisors on one machine: of another user, or one that was started with another CUTOVER_HOME. */
function takenElsewhere(key: string, port: number, holder: PortHolder): Problem {
  const home = shimOf(holder)?.run.replace(/\/run$/, "") ?? "";
  const kept = `CUTOVER_HOME=${home}`;
  return new Problem({
    code: "PORT_TAKEN",
    what: `Port ${String(port)} of ${key} is taken by ${key} itself, which another cutover on this machine runs (user ${holder.user}, ${kept}).`,
    why: "Each user and each CUTOVER_HOME has a supervisor of its own, and one does not replace what another runs.",
    fix: `Deploy as ${holder.user} with ${kept}, or end it there first: ${kept} cutover delete ${key}`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
