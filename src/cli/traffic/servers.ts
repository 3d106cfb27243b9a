import { nearest } from "../../nearest.ts";
import type { Observed } from "../../plan/fleet.ts";
import type { BalancerView } from "../../plan/traffic.ts";
import { exits, Problem } from "../../problem.ts";
import { usageProblem } from "../arguments.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../deployment/context.ts";

/** The server a person means, with or without its user. Problems: USAGE, SERVER_UNKNOWN (exit 2). */
export function serverOf(input: CommandInput, context: Context): string {
  const [typed] = input.positionals;
  const names = context.config.servers.map(({ name }) => name);
  if (typed === undefined)
    throw usageProblem(input.name, `Name the server: cutover ${input.name} ${names[0] ?? "HOST"}.`);
  const found = context.config.servers.find(
    ({ name, destination }) => typed === name || typed === destination,
  );
  if (found !== undefined) return found.name;
  const meant = nearest(typed, names);
  throw new Problem({
    code: "SERVER_UNKNOWN",
    what: `cutover.yml has no server ${typed}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    why: `Its servers are ${names.join(", ")}.`,
    fix: `cutover ${input.name} ${meant ?? "HOST"}`,
    exit: exits.usage,
  });
}

/** Every balancer has to be told: one that is not would go on as before. Problem: HOST_UNREACHABLE (exit 3). */
export function refuseAbsentBalancers({ balancers }: Observed): readonly BalancerView[] {
  const absent = balancers.filter(({ reachable }) => !reachable);
  if (absent.length === 0) return balancers;
  throw new Problem({
    code: "HOST_UNREACHABLE",
    what: `${absent.map(({ host }) => host).join(", ")} cannot be reached.`,
    why: absent.flatMap(({ why }) => why ?? []).join(" "),
    fix: "Make every balancer of traffic.hosts reachable, then try again.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
