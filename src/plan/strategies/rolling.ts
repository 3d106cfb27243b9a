import {
  checkEffect,
  drainEffect,
  type ServiceWork,
  stageEffect,
  switchEffect,
  usable,
} from "../service-work.ts";
import type { Strategy } from "./strategy.ts";

/** New instances start beside the old ones; never fewer accept than wanted, never more than `surge` extra ones run. */
export const rolling: Strategy = {
  prepare(work) {
    const target = room(work);
    if (usable(work) < target) return stageEffect(work, target);
    return work.starting > 0 ? checkEffect(work) : null;
  },
  clear: () => null,
  replace(work) {
    if (work.wanted === 0) return null;
    const keep = Math.max(0, work.wanted - work.closed - work.open);
    if (needsSwitch(work, keep)) return switchEffect(work, keep);
    if (work.starting > 0) return checkEffect(work);
    if (usable(work) >= work.wanted) return null;
    const target = room(work);
    return usable(work) < target ? stageEffect(work, target) : drainEffect(work, work.othersOpen);
  },
};

/** How many instances of the release may run now. */
function room(work: ServiceWork): number {
  const limit = Math.max(work.wanted, work.othersRunning) + work.surge;
  return Math.min(work.wanted, limit - work.othersRunning);
}

function needsSwitch(work: ServiceWork, keep: number): boolean {
  if (work.closed > 0) return true;
  return work.open > 0 && (work.othersOpen > keep || work.live !== work.release);
}
