import { checkEffect, drainEffect, stageEffect, switchEffect, usable } from "../service-work.ts";
import type { Replacement } from "./replacement.ts";

/** For programs that cannot run twice: the old ones stop before the new ones start, with the downtime that means. */
export const stopFirst: Replacement = {
  prepare: () => null,
  clear: (work) => (work.others > 0 ? drainEffect(work, 0) : null),
  replace(work) {
    if (usable(work) < work.wanted) return stageEffect(work, work.wanted);
    if (work.starting > 0) return checkEffect(work);
    const isClosed = work.closed > 0 || (work.open > 0 && work.live !== work.release);
    return isClosed ? switchEffect(work, 0) : null;
  },
};
