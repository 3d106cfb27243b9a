import type { ProblemDetail } from "../problem.ts";
import type { Effect, Outcome } from "./effect.ts";
import type { AppSpec, RolloutSpec } from "./spec.ts";
import type { Routing } from "./traffic.ts";

/** What a deployment wants. Data of the journal's first record, so that anyone may resume it. No secret values. */
export interface Goal {
  readonly id: string;
  /** converge: hosts that lag behind the live release catch up with it; the others are not touched. */
  readonly kind: "deploy" | "rollback" | "converge";
  readonly release: string;
  /** Live release when the deployment began, the goal of an undo; null on the first deploy. */
  readonly previous: string | null;
  /** Hosts on which another release than `previous` was live, or none: what an undo leaves there. */
  readonly previousOn?: Readonly<Record<string, string | null>> | undefined;
  readonly revision: string;
  readonly envDigest: string | null;
  /** When the revision was committed, ms since the epoch; absent: not known. */
  readonly committedAt?: number | undefined;
  readonly hosts: readonly string[];
  /** Name of a half -> its hosts, which are all in `hosts`. */
  readonly halves?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Hosts that keep the journal; absent: the first of `hosts`, up to three. */
  readonly anchors?: readonly string[] | undefined;
  readonly balancers: readonly string[];
  /** What each balancer did when the deployment began, and does again when it has ended. */
  readonly routing: Readonly<Record<string, Routing>>;
  readonly rollout: RolloutSpec;
  /** The config the release is deployed with, env values removed. */
  readonly spec: AppSpec;
  /** The config of the previous release as it was deployed, for the undo; absent on the first deploy. */
  readonly previousSpec?: AppSpec | undefined;
}

/** One journal record: only what cannot be observed again. `at` is ms since the epoch. */
export type JournalRecord = { readonly at: number } & (
  | { readonly kind: "begin"; readonly goal: Goal; readonly epoch: number; readonly operator: string }
  | { readonly kind: "claim"; readonly epoch: number; readonly operator: string }
  | { readonly kind: "intent"; readonly effect: Effect }
  | { readonly kind: "outcome"; readonly effect: Effect; readonly outcome: Outcome }
  /** The deployment turns back, once: why is what the operator reads. */
  | { readonly kind: "turn"; readonly problem: ProblemDetail }
  /** Evidence that is not observable later: the last service was switched; the bake was watched to its end without harm. */
  | { readonly kind: "mark"; readonly mark: "switched" | "promoted" }
  /** A stage of the rollout was reached and watched to its end (forward), or was undone (back). */
  | { readonly kind: "stage"; readonly stage: number }
  /** What the judge found in a stage. `known` is all its evidence, for whoever judges on. */
  | (Finding & { readonly kind: "verdict"; readonly stage: number })
  | {
      readonly kind: "command";
      readonly command: "abort" | "resume" | "promote" | "pause";
      readonly operator: string;
    }
  | { readonly kind: "end"; readonly end: End; readonly problem?: ProblemDetail | undefined }
);

/** harm: worse than the other release. inconclusive: neither that nor as good as the other, or nothing was measured. */
export interface Finding {
  readonly verdict: "harm" | "sound" | "inconclusive";
  /** One sentence. */
  readonly why: string;
  /** Signal by signal, for a person. */
  readonly evidence: readonly string[];
  /** split: the shares that the balancer was told are not those that it gives. */
  readonly cause?: "split" | undefined;
  readonly known?: unknown;
}

export type End = "new" | "old" | "paused";
