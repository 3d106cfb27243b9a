import type { Failure } from "./failure.ts";
import { latencies } from "./latency.ts";
import type { Stats } from "./result.ts";
import type { Sample } from "./tally.ts";

/** Figures of the samples of the stretch from `fromMs` to `toMs`. */
export function statsOf(samples: readonly Sample[], fromMs: number, toMs: number): Stats {
  const failedBy: Partial<Record<Failure, number>> = {};
  const times = latencies();
  const successes: number[] = [];
  let failed = 0;
  for (const { failure, isTimed, dueMs, endMs } of samples) {
    if (failure !== undefined) {
      failed++;
      failedBy[failure] = (failedBy[failure] ?? 0) + 1;
    } else if (isTimed) {
      times.record(endMs - dueMs);
      successes.push(endMs);
    }
  }
  const sent = samples.length;
  return {
    sent,
    answered: sent - failed,
    failed,
    failedBy,
    failureShareBelow:
      sent === 0 ? 1 : Math.min(1, (failed === 0 ? 3 : failed + 2 * Math.sqrt(failed) + 3) / sent),
    longestGapMs: successes.length + failed === 0 ? null : longestGap(successes, fromMs, toMs),
    p50Ms: times.at(0.5),
    p99Ms: times.at(0.99),
    maxMs: times.max(),
  };
}

function longestGap(successes: number[], fromMs: number, toMs: number): number {
  successes.sort((a, b) => a - b);
  let longest = 0;
  let last = fromMs;
  for (const success of successes) {
    longest = Math.max(longest, success - last);
    last = Math.max(last, success);
  }
  return Math.max(longest, toMs - last);
}
