import type { ProblemDetail } from "../../problem.ts";
import type { Replacement } from "../replacement/replacement.ts";
import type { Goal } from "../record.ts";
import type { Routing } from "../traffic.ts";

/** Balancer -> all that it does. */
export type Routes = Readonly<Record<string, Routing>>;

/** A complete state of the fleet on the way: what runs where, and who takes traffic. */
export interface Stage {
  /** What it changes, as an operator would say it. */
  readonly says: string;
  /** The hosts [from, to) of the rollout's order get the release; none when both are equal: then only traffic changes. */
  readonly from: number;
  readonly to: number;
  /** Those hosts take no traffic meanwhile, so what is under way there is waited for first. */
  readonly emptied: boolean;
  /** In force during the stage and after it. */
  readonly routing: Routes;
  /** How long it is watched before the next one. */
  readonly holdMs: number;
  /** The judge watches: the new release, or (hosts) those that are to get it beside the others. Absent: nobody but time. */
  readonly watch?: "hosts" | "release" | undefined;
  /** hosts: so many at the beginning of the order are compared with the others. */
  readonly compared?: number | undefined;
}

/** A deployment as stages that are enforced one after the other, and undone in the opposite order. */
export interface Rollout {
  /** The hosts of the goal in the order in which they get the release. */
  readonly order: readonly string[];
  readonly stages: readonly Stage[];
  /** The stage in which the bake is watched and the release is promoted. */
  readonly verdict: number;
}

/** One way for a release to replace another over a fleet. */
export interface Strategy {
  readonly replacement: Replacement;
  rollout(goal: Goal): Rollout;
  /** Why it cannot be done with these hosts and balancers; null: it can. */
  refuse(goal: Goal): ProblemDetail | null;
}
