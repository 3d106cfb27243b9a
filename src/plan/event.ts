import type { ProblemDetail } from "../problem.ts";
import type { Effect, Outcome } from "./effect.ts";
import type { End, Finding, Goal } from "./record.ts";

/** What the domain tells; only cli/present prints. `--json` emits exactly these, one object per line. */
export type CutoverEvent =
  | {
      readonly event: "begin";
      readonly goal: {
        readonly id: string;
        readonly kind: Goal["kind"];
        readonly release: string;
        readonly previous: string | null;
        readonly hosts: readonly string[];
      };
    }
  | { readonly event: "effect"; readonly effect: Effect }
  | { readonly event: "outcome"; readonly effect: Effect; readonly outcome: Outcome; readonly ms: number }
  /** A line of a build, hook or migration, as it appears. */
  | { readonly event: "output"; readonly host: string; readonly source: string; readonly line: string }
  | { readonly event: "hold"; readonly why: string; readonly until: number }
  /** What the judge knows; a verdict is told once, what is open every now and then. */
  | (Omit<Finding, "known" | "verdict"> & {
      readonly event: "judge";
      readonly verdict: Finding["verdict"] | "open";
      readonly stage: number;
      readonly isDryRun: boolean;
    })
  | { readonly event: "warning"; readonly problem: ProblemDetail }
  | { readonly event: "turn"; readonly problem: ProblemDetail }
  | {
      readonly event: "end";
      /** Release that serves now; null: none, or (paused) to be seen. */
      readonly serves: string | null;
      readonly end: End;
      readonly problem?: ProblemDetail | undefined;
      readonly ms: number;
    }
  | { readonly event: "note"; readonly text: string };

export type Emit = (event: CutoverEvent) => void;
