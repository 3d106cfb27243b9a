import { exits, Problem } from "../../problem.ts";
import type { PortHolder } from "./port-holder.ts";

/** Key of the service whose shim this is; undefined: it is none of cutover's. */
export function shimService({ command }: PortHolder): string | undefined {
  return /\/run\/\d+\/shim\.sh (\S+)$/.exec(command)?.[1];
}

export function portTakenProblem(key: string, port: number, holder: PortHolder): Problem {
  const other = shimService(holder);
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
