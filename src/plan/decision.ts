import type { ProblemDetail } from "../problem.ts";
import type { Effect } from "./effect.ts";
import type { Facts } from "./facts.ts";
import type { HostView } from "./fleet.ts";
import type { End, Goal } from "./record.ts";

/** What to do next. Turn and mark are journal records and nothing else; the loop writes them and asks again. */
export type Decision =
  | Effects
  /** Observe again before or at `until`. */
  | { readonly kind: "hold"; readonly until: number; readonly why: string }
  | { readonly kind: "turn"; readonly problem: ProblemDetail }
  | { readonly kind: "mark"; readonly mark: "switched" | "promoted"; readonly why: string }
  | { readonly kind: "end"; readonly end: End; readonly problem?: ProblemDetail | undefined };

/** Effects of one decision do not depend on each other and may run at once. */
export interface Effects {
  readonly kind: "effects";
  readonly effects: readonly Effect[];
  readonly why: string;
}

export interface Situation {
  readonly goal: Goal;
  readonly facts: Facts;
  /** The hosts of the goal, all reachable. */
  readonly hosts: readonly HostView[];
  readonly at: number;
}
