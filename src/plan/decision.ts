import type { ProblemDetail } from "../problem.ts";
import type { Effect } from "./effect.ts";
import type { Facts } from "./facts.ts";
import type { HostView } from "./fleet.ts";
import type { End, Goal } from "./record.ts";
import type { Rollout } from "./strategies/strategy.ts";
import type { BalancerView } from "./traffic.ts";

/** What to do next. Turn, mark and stage are journal records and nothing else; the loop writes them and asks again. */
export type Decision =
  | Effects
  /** Observe again before or at `until`. */
  | {
      readonly kind: "hold";
      readonly until: number;
      readonly why: string;
      /** The judge is to look meanwhile. */
      readonly watch?: Watch | undefined;
    }
  | { readonly kind: "turn"; readonly problem: ProblemDetail }
  | { readonly kind: "mark"; readonly mark: "switched" | "promoted"; readonly why: string }
  /** The stage was reached and watched (forward), or undone (back). */
  | { readonly kind: "stage"; readonly stage: number; readonly why: string }
  | { readonly kind: "end"; readonly end: End; readonly problem?: ProblemDetail | undefined };

/** Which hosts the judge compares, and for how long. Times in ms since the epoch. */
export interface Watch {
  /** Index of the stage. */
  readonly stage: number;
  /** hosts: all run the release before, and those of the canary may be worse by themselves. bake: only harm is told. */
  readonly kind: "hosts" | "release" | "bake";
  readonly says: string;
  readonly canary: readonly string[];
  /** Run the release before. */
  readonly control: readonly string[];
  /** Sound is told from here on, and harm at any time. */
  readonly least: number;
  /** From here on what is not settled is inconclusive. */
  readonly until: number;
}

/** Effects of one decision do not depend on each other and may run at once. */
export interface Effects {
  readonly kind: "effects";
  readonly effects: readonly Effect[];
  readonly why: string;
}

export interface Situation {
  readonly goal: Goal;
  readonly facts: Facts;
  readonly rollout: Rollout;
  /** The hosts of the goal, all reachable, in the order of the rollout. */
  readonly hosts: readonly HostView[];
  /** Those of the goal, all reachable. */
  readonly balancers: readonly BalancerView[];
  readonly at: number;
}
