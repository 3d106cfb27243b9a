import type { Effect } from "./effect.ts";
import type { Routing } from "./traffic.ts";

/** Identity of an effect: two with the same key set the same state. */
export function effectKey(effect: Effect): string {
  const parts: (string | number)[] = [effect.layer, effect.verb, effect.host, effect.release];
  if (effect.layer === "process") parts.push(effect.service, ...counts(effect));
  if (effect.layer === "hook") parts.push(effect.point);
  if (effect.layer === "release" && effect.verb === "drain") parts.push(effect.mark, effect.of);
  if (effect.layer === "traffic")
    parts.push(effect.verb === "switch" ? routingKey(effect.routing) : effect.servers.join());
  return parts.join(" ");
}

/** Weights and cohort in an order of their own, so that equal routings have equal keys. */
function routingKey({ weights, cohort }: Routing): string {
  const services = Object.entries(weights).sort(byName);
  return JSON.stringify([
    services.map(([name, servers]) => [name, Object.entries(servers).sort(byName)]),
    cohort ?? null,
  ]);
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function counts(effect: Effect & { layer: "process" }): readonly number[] {
  if (effect.verb === "stage") return [effect.count];
  return effect.verb === "check" ? [] : [effect.keep];
}
