import type { ProcessEffect } from "../effect.ts";
import type { Goal } from "../record.ts";
import type { ServiceWork } from "../service-work.ts";
import type { RolloutSpec } from "../spec.ts";
import { recreate } from "./recreate.ts";
import { rolling } from "./rolling.ts";

/** How instances of one service give way to those of another release. Each answers the next effect, or null: nothing left. */
export interface Strategy {
  /** Beside the old ones, before anything is switched. */
  prepare(work: ServiceWork): ProcessEffect | null;
  /** Before `current` moves: what must be gone first. */
  clear(work: ServiceWork): ProcessEffect | null;
  /** Until only `release` accepts, wanted many. */
  replace(work: ServiceWork): ProcessEffect | null;
}

const strategies: Readonly<Record<RolloutSpec["strategy"], Strategy>> = {
  rolling,
  "blue-green": rolling,
  canary: rolling,
  recreate,
};

export function strategyOf(goal: Goal): Strategy {
  return strategies[goal.rollout.strategy];
}
