import { noRelease } from "./effect.ts";
import type { Goal } from "./record.ts";

/** What was live on this host when the deployment began, and is what an undo leaves there. */
export function releaseBefore({ previous, previousOn }: Goal, host: string): string {
  const own = previousOn !== undefined && Object.hasOwn(previousOn, host) ? previousOn[host] : previous;
  return own ?? noRelease;
}
