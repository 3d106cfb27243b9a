import type { ProblemDetail } from "../problem.ts";
import type { HookPoint } from "./spec.ts";
import type { Routing } from "./traffic.ts";

/** The release of an effect that wants none: `current` unlinked, every instance of a service gone and the service forgotten. */
export const noRelease = "none";

/** An effect sets a state and is safe to repeat; nothing else may change a host. */
export type Effect = ReleaseEffect | ProcessEffect | TrafficEffect | DatabaseEffect | HookEffect;

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

export type ProcessEffect = OnHost & { readonly layer: "process"; readonly service: string } & (
    | /** There are `count` instances of `release`, new ones with the gate closed; failed ones are replaced. */
      { readonly verb: "stage"; readonly count: number }
    /** Wait until every instance of `release` is checked; refused when one has failed. */
    | { readonly verb: "check" }
    /**
     * Open every checked instance of `release` (parked ones too) and keep that release alive; of other releases leave `keep`
     * accepting and park the rest. Refused when fewer would accept than before, below the wanted number.
     */
    | { readonly verb: "switch"; readonly keep: number }
    /**
     * Of other releases leave `keep` instances, accepting ones first; finish and stop the rest, in whatever state, and what
     * `release` has too many. Answers when they are gone.
     */
    | { readonly verb: "drain"; readonly keep: number }
  );

/** `host` is a balancer; `release` the one the deployment is on its way to. */
export type TrafficEffect = OnHost & { readonly layer: "traffic" } & (
    | /** Live at once, kept over a restart of the balancer, and seen to be in force before it counts as done. */
      {
        readonly verb: "switch";
        readonly routing: Routing;
        /** What it comes to, for whoever reads along: "5 % of web to canary web1". */
        readonly says?: string | undefined;
      }
    /** Wait until nothing is under way on `servers`, at most `deadlineMs`; what is left then is told in a note. */
    | { readonly verb: "drain"; readonly servers: readonly string[]; readonly deadlineMs: number }
    /** Ask each of `servers` for its health through the balancer's own path, whatever its weight; refused when one fails. */
    | { readonly verb: "check"; readonly servers: readonly string[] }
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

/** What came of it. */
export interface Done {
  readonly notes?: readonly string[] | undefined;
  /** Of a release that was staged: when its revision was committed, ms since the epoch; absent: not known. */
  readonly committedAt?: number | undefined;
}

/** unknown: the reply was lost, so observe again and never assume. stale: a higher epoch was accepted there. */
export type Outcome =
  | ({ readonly outcome: "done" } & Done)
  | { readonly outcome: "stale"; readonly epoch: number }
  | { readonly outcome: "refused"; readonly problem: ProblemDetail }
  | { readonly outcome: "unknown"; readonly why: string };
