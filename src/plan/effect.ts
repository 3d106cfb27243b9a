import type { ProblemDetail } from "../problem.ts";
import type { HookPoint } from "./spec.ts";

/** An effect sets a state and is safe to repeat; nothing else may change a host. */
export type Effect = ReleaseEffect | ProcessEffect | DatabaseEffect | HookEffect;

interface OnHost {
  readonly host: string;
  readonly release: string;
}

export type ReleaseEffect = OnHost & { readonly layer: "release" } & (
    | { readonly verb: "stage" }
    | { readonly verb: "check" }
    | { readonly verb: "switch" }
    /** Mark `release` good (or `mark`), prune beyond keep. */
    | { readonly verb: "drain"; readonly mark: "good" | "bad" | "failed"; readonly of: string }
  );

export type ProcessEffect = OnHost & { readonly layer: "process"; readonly service: string } &
  /** There are `count` instances of `release`, new ones with the gate closed. */
  (
    | { readonly verb: "stage"; readonly count: number }
    /** Wait until every instance of `release` is checked or one has failed. */
    | { readonly verb: "check" }
    /** Open every checked instance of `release`; of other releases leave `keep` accepting and park the rest. */
    | { readonly verb: "switch"; readonly keep: number }
    /** Finish and stop the parked instances of other releases, leaving `keep`; also surplus instances of `release`. */
    | { readonly verb: "drain"; readonly keep: number }
  );

export interface DatabaseEffect extends OnHost {
  readonly layer: "database";
  readonly verb: "migrate";
}

export interface HookEffect extends OnHost {
  readonly layer: "hook";
  readonly verb: "run";
  readonly point: HookPoint;
  readonly previous: string | null;
}

/** unknown: the reply was lost, so observe again and never assume. stale: a higher epoch was accepted there. */
export type Outcome =
  | { readonly outcome: "done"; readonly notes?: readonly string[] | undefined }
  | { readonly outcome: "stale"; readonly epoch: number }
  | { readonly outcome: "refused"; readonly problem: ProblemDetail }
  | { readonly outcome: "unknown"; readonly why: string };
