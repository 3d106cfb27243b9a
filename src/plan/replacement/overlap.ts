import {
  checkEffect,
  drainEffect,
  type ServiceWork,
  stageEffect,
  switchEffect,
  usable,
} from "../service-work.ts";
import type { Replacement } from "./replacement.ts";

/** New instances start beside the old ones; never fewer accept than wanted, never more than `surge` extra ones run. */
export const overlap: Replacement = {
  prepare(work) {
    const target = room(work);
    if (usable(work) < target) return stageEffect(work, target);
    return work.starting > 0 ? checkEffect(work) : null;
  },
  clear: () => null,
  replace(work) {
    if (work.wanted === 0) return null;
    const target = room(work);
    if (work.starting === 0 && needsSwitch(work, target)) return switchEffect(work, keep(work));
    if (usable(work) < target) return stageEffect(work, target);
    if (work.starting > 0) return checkEffect(work);
    return usable(work) < work.wanted ? drainEffect(work, work.othersOpen) : null;
  },
};

/** Others that have to go on accepting beside all checked ones. */
function keep(work: ServiceWork): number {
  return Math.max(0, work.wanted - work.closed - work.open);
}

/** How many instances of the release may run now. */
function room(work: ServiceWork): number {
  const limit = Math.max(work.wanted, work.othersRunning) + work.surge;
  return Math.min(work.wanted, limit - work.othersRunning);
}

/** A batch switches as a whole, so that one that cannot come up leaves traffic on one release; missing capacity cannot wait. */
function needsSwitch(work: ServiceWork, target: number): boolean {
  const isBatchReady = work.closed + work.open + work.reviving >= target;
  const isShort = work.open + work.othersOpen < work.wanted;
  if (work.closed > 0) return isBatchReady || isShort;
  return work.open > 0 && (work.othersOpen > keep(work) || work.live !== work.release);
}
