import type { Effect } from "./effect.ts";

/** Identity of an effect: two with the same key set the same state. */
export function effectKey(effect: Effect): string {
  const parts: (string | number)[] = [effect.layer, effect.verb, effect.host, effect.release];
  if (effect.layer === "process") parts.push(effect.service, ...counts(effect));
  if (effect.layer === "hook") parts.push(effect.point);
  if (effect.layer === "release" && effect.verb === "drain") parts.push(effect.mark, effect.of);
  return parts.join(" ");
}

function counts(effect: Effect & { layer: "process" }): readonly number[] {
  if (effect.verb === "stage") return [effect.count];
  return effect.verb === "check" ? [] : [effect.keep];
}
