import { Problem } from "../problem.ts";
import type { Replacement } from "./replacement/replacement.ts";
import type { Goal } from "./record.ts";
import type { RolloutSpec } from "./spec.ts";
import { blueGreen } from "./strategies/blue-green.ts";
import { canary } from "./strategies/canary.ts";
import { recreate } from "./strategies/recreate.ts";
import { rolling } from "./strategies/rolling.ts";
import type { Rollout, Strategy } from "./strategies/strategy.ts";

const strategies: Readonly<Record<RolloutSpec["strategy"], Strategy>> = {
  rolling,
  "blue-green": blueGreen,
  canary,
  recreate,
};

const known = new WeakMap<Goal, Rollout>();

/** The stages of a deployment. The same goal has the same stages, so they are worked out once. */
export function rolloutOf(goal: Goal): Rollout {
  const before = known.get(goal);
  if (before !== undefined) return before;
  const rollout = stagedStrategy(goal).rollout(goal.previous === null ? shownToAll(goal) : goal);
  known.set(goal, rollout);
  return rollout;
}

/** What a deployment of this kind does of what the config says: a release that was live before is not tried out on a few again. */
export function rolloutFor(kind: Goal["kind"], rollout: RolloutSpec): RolloutSpec {
  if (kind !== "rollback") return rollout;
  const { canary: _, ...atOnce } = rollout;
  return atOnce;
}

/** While a first release is shown to some first, nobody serves the others: there is nothing to compare it with, and none to keep. */
function shownToAll(goal: Goal): Goal {
  const { canary: _, ...rollout } = goal.rollout;
  return { ...goal, rollout: { ...rollout, keepWarmMs: 0 } };
}

export function replacementOf(goal: Goal): Replacement {
  return strategies[goal.rollout.strategy].replacement;
}

/** Throws ROLLOUT_* (exit 2) when these hosts and balancers cannot do what `rollout:` asks for. */
export function refuseRollout(goal: Goal): void {
  const problem = stagedStrategy(goal).refuse(goal);
  if (problem !== null) throw new Problem({ ...problem, state: "Nothing was changed." });
}

/** Hosts that catch up leave the balancers alone, whatever the strategy is. */
function stagedStrategy(goal: Goal): Strategy {
  return goal.kind === "converge" ? rolling : strategies[goal.rollout.strategy];
}
