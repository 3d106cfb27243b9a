import type { Effect } from "./effect.ts";
import type { Goal, JournalRecord } from "./record.ts";
import type { Routing } from "./traffic.ts";

/** When clients may have met the release of the goal for the first time: it was open, and traffic went there. null: never. */
export function reachedAt(records: readonly JournalRecord[], goal: Goal): number | null {
  const routing = new Map(Object.entries(goal.routing));
  const open = new Set<string>();
  for (const record of records) {
    if (record.kind !== "intent") continue;
    const { effect } = record;
    if (effect.layer === "traffic" && effect.verb === "switch") routing.set(effect.host, effect.routing);
    if (opens(effect, goal)) open.add(effect.host);
    const hosts = [...open];
    const isMet =
      goal.balancers.length === 0
        ? hosts.length > 0
        : [...routing.values()].some((one) => hosts.some((host) => takesTraffic(one, host)));
    if (isMet) return record.at;
  }
  return null;
}

/** A web server of somebody else may follow `current` without being told. */
function opens(effect: Effect, { release, spec }: Goal): boolean {
  if (effect.release !== release || effect.verb !== "switch") return false;
  if (effect.layer === "process") return true;
  return effect.layer === "release" && spec.services.some(({ engine }) => engine !== "builtin");
}

function takesTraffic({ weights, cohort }: Routing, host: string): boolean {
  if (cohort?.servers.includes(host) === true) return true;
  return Object.values(weights).some((servers) => (servers[host] ?? 0) > 0);
}
