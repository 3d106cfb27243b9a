import type { Effect } from "../../plan/effect.ts";

/** Whatever may be felt by clients; filling the directory of a release is not. */
export function isChange({ layer, verb }: Effect): boolean {
  return layer !== "release" || verb === "switch";
}
