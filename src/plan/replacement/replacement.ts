import type { ProcessEffect } from "../effect.ts";
import type { ServiceWork } from "../service-work.ts";

/** How instances of one service on one host give way to those of another release. Each answers the next effect, or null: nothing left. */
export interface Replacement {
  /** Beside the old ones, before anything is switched. */
  prepare(work: ServiceWork): ProcessEffect | null;
  /** Before `current` moves: what must be gone first. */
  clear(work: ServiceWork): ProcessEffect | null;
  /** Until only `release` accepts, wanted many. */
  replace(work: ServiceWork): ProcessEffect | null;
}
