import type { Failure } from "./failure.ts";

/** One request, echo or stream and what became of it. Times in ms since the run began. */
export interface Sample {
  readonly lane: string;
  /** When it had to be sent; latency counts from here. */
  readonly dueMs: number;
  readonly endMs: number;
  readonly failure?: Failure | undefined;
  readonly detail?: string | undefined;
  readonly version?: string | undefined;
  /** False for long-lived streams, whose length is no latency. */
  readonly isTimed: boolean;
}

/** How late the prober itself was with something that was due at `dueMs`. */
interface Lag {
  readonly dueMs: number;
  readonly lateMs: number;
}

/** A stretch of the run that has a name: a deploy, a reload. */
interface Window {
  readonly name: string;
  readonly fromMs: number;
  toMs: number | null;
}

/** Everything that one run saw; summarise() makes the result of it. */
export interface Tally {
  readonly startedAt: number;
  readonly origin: number;
  readonly samples: Sample[];
  readonly lags: Lag[];
  readonly windows: Window[];
  /** Streams and WebSockets that ended cleanly and were opened again. */
  reopened: number;
}

export function createTally(): Tally {
  return {
    startedAt: Date.now(),
    origin: performance.now(),
    samples: [],
    lags: [],
    windows: [],
    reopened: 0,
  };
}

/** Ms since the run began. */
export function elapsed(tally: Tally): number {
  return performance.now() - tally.origin;
}
