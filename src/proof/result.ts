import type { Failure } from "./failure.ts";

/** What one run of the prober proves. Times in ms; rates per second. */
export interface ProofResult {
  /** lost: a request failed. inconclusive: none failed, but the prober itself was starved or sent nothing. */
  readonly verdict: "held" | "lost" | "inconclusive";
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** An outage longer than this between two requests is sampled; null without an open loop. */
  readonly resolutionMs: number | null;
  /** How late the prober itself was. */
  readonly lag: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly total: Stats;
  readonly lanes: readonly (Stats & { readonly lane: string })[];
  readonly windows: readonly WindowResult[];
  readonly versions: readonly VersionSpan[];
  /** Answers per version for each second of the run. */
  readonly shares: readonly Readonly<Record<string, number>>[];
  readonly reopened: number;
  /** The first ones, for a person. */
  readonly failures: readonly FailureNote[];
}

export interface Stats {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly failedBy: Readonly<Partial<Record<Failure, number>>>;
  /** 95 % upper bound of the true share of failures. */
  readonly failureShareBelow: number;
  /** Longest time without a success, the edges included; null where nothing is timed (streams). */
  readonly longestGapMs: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** A request belongs to `during` when any part of its life lies in the window. */
export interface WindowResult {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly before: Stats;
  readonly during: Stats;
  readonly after: Stats;
  /** Versions answered to requests that were due after the window. */
  readonly versionsAfter: readonly string[];
}

export interface VersionSpan {
  readonly version: string;
  readonly answers: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface FailureNote {
  readonly lane: string;
  readonly dueMs: number;
  readonly endMs: number;
  readonly failure: Failure;
  readonly detail: string;
}
