import type { Failure } from "./failure.ts";
import { latencies, type Latencies } from "./latency.ts";
import type { Stats } from "./result.ts";
import type { Sample } from "./tally.ts";

/** What is kept of samples from `fromMs` on: as much for a day as for a second. */
export interface Sum {
  readonly fromMs: number;
  sent: number;
  failed: number;
  readonly ownFaults: Record<string, number>;
  readonly failedBy: Partial<Record<Failure, number>>;
  /** Of the successes that are timed. */
  readonly times: Latencies;
  /** Something timed was sent; what lasts on purpose leaves gaps by itself. */
  isTimed: boolean;
  lastSuccessMs: number;
  /** Until the last success. */
  longestGapMs: number;
}

export function sumFrom(fromMs: number): Sum {
  return {
    fromMs,
    sent: 0,
    failed: 0,
    ownFaults: {},
    failedBy: {},
    times: latencies(),
    isTimed: false,
    lastSuccessMs: fromMs,
    longestGapMs: 0,
  };
}

/** Samples come in the order of their ends. */
export function addSample(sum: Sum, { failure, ownFault, isTimed, dueMs, endMs }: Sample): void {
  if (ownFault !== undefined) {
    sum.ownFaults[ownFault] = (sum.ownFaults[ownFault] ?? 0) + 1;
    return;
  }
  sum.sent++;
  sum.isTimed ||= isTimed;
  if (failure !== undefined) {
    sum.failed++;
    sum.failedBy[failure] = (sum.failedBy[failure] ?? 0) + 1;
  } else if (isTimed) {
    sum.times.record(endMs - dueMs);
    sum.longestGapMs = Math.max(sum.longestGapMs, endMs - sum.lastSuccessMs);
    sum.lastSuccessMs = endMs;
  }
}

/** Figures of the stretch that ends at `toMs`. */
export function statsOf({ sent, failed, failedBy, ownFaults, times, ...sum }: Sum, toMs: number): Stats {
  return {
    sent,
    answered: sent - failed,
    failed,
    failedBy: { ...failedBy },
    ...(Object.keys(ownFaults).length === 0 ? {} : { ownFaults: { ...ownFaults } }),
    failureShareBelow:
      sent === 0 ? 1 : Math.min(1, (failed === 0 ? 3 : failed + 2 * Math.sqrt(failed) + 3) / sent),
    longestGapMs: sum.isTimed ? Math.max(sum.longestGapMs, toMs - sum.lastSuccessMs) : null,
    p50Ms: times.at(0.5),
    p99Ms: times.at(0.99),
    maxMs: times.max(),
  };
}
