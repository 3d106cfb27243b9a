import type { Failure } from "./failure.ts";

/** What one run of the prober proves. Times in ms; rates per second. */
export interface ProofResult {
  /** lost: a request failed. inconclusive: none failed, but the prober itself was starved or sent nothing. */
  readonly verdict: "held" | "lost" | "inconclusive";
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Time from one request of the sparsest lane to the next; null without an open loop. */
  readonly resolutionMs: number | null;
  /** How late the prober itself was. */
  readonly lag: LagStats;
  readonly total: Stats;
  readonly lanes: readonly LaneStats[];
  readonly windows: readonly WindowResult[];
  readonly versions: readonly VersionSpan[];
  /** Length of one of `seconds`: a second, and more in a run of more than a quarter of an hour. */
  readonly slotMs: number;
  readonly seconds: readonly Second[];
  readonly reopened: number;
  /** What lasts long and met a switch; absent: nobody told of one, or nothing lasts. */
  readonly atSwitch?: readonly AtSwitch[] | undefined;
  /** The first ones before, in and after each window, for a person. */
  readonly failures: readonly FailureNote[];
}

/** Uploads, streams and WebSockets of one lane that were under way when traffic went elsewhere, and what became of them. */
export interface AtSwitch {
  readonly lane: string;
  readonly what: "upload" | "stream" | "websocket";
  /** Of traffic, in the whole run: one for each batch of servers, for example. */
  readonly switches: number;
  /** Begun before a switch began, and not answered before it was over. */
  readonly underWay: number;
  readonly answered: number;
  /** Version -> answers. */
  readonly answeredBy: Readonly<Record<string, number>>;
  /** Streams that ended, and WebSockets that were closed, as they should. */
  readonly ended: number;
  readonly reopened: number;
  readonly lost: number;
  readonly lostBy: Readonly<Partial<Record<Failure, number>>>;
  /** Still under way when the measuring ended. */
  readonly open: number;
}

export interface LagStats {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What ended within one slot of the run. */
export interface Second {
  readonly answered: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Version -> answers. */
  readonly versions: Readonly<Record<string, number>>;
}

export type LaneStats = Stats & { readonly lane: string };

export interface Stats {
  /** Those whose end says something about the service. */
  readonly sent: number;
  /** The others: what failed through the prober itself, which was "stalled" or ran out of something; absent: none. */
  readonly ownFaults?: Readonly<Record<string, number>> | undefined;
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
  /** `during`, lane by lane. */
  readonly lanes: readonly LaneStats[];
  readonly lag: LagStats;
  /** Versions answered to requests that were answered before the window and due after it. */
  readonly versionsBefore: readonly string[];
  readonly versionsAfter: readonly string[];
  readonly answersAfter: readonly VersionSpan[];
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
