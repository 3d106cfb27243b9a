import type { Failure } from "./failure.ts";
import { isStalled, stalledMs } from "./stalls.ts";
import { elapsed, type Sample, type Tally } from "./tally.ts";

/** Said by the service or its machine: no stall of ours makes it up, as it does a 408 or a connection that was given up. */
const toldByService: ReadonlySet<Failure> = new Set(["refused", "5xx", "wrong-answer", "wrong-version"]);

/** Failures of the prober itself say nothing about the service. `aliveMs`: when the service last showed that it is there. */
export function blame(tally: Tally, sample: Sample, aliveMs: number = sample.dueMs): Sample {
  const { failure, detail } = sample;
  if (failure === undefined) return sample;
  if (failure === "prober") return { ...sample, ownFault: detail ?? "" };
  if (toldByService.has(failure)) return sample;
  const nowMs = elapsed(tally);
  // An answer that was waited for while nobody read for a good part of the time may well have been there.
  const isUnread = failure === "timeout" && 4 * stalledMs(tally.stalls, aliveMs, nowMs) >= nowMs - aliveMs;
  return isUnread || isStalled(tally.stalls, aliveMs, nowMs) ? { ...sample, ownFault: "stalled" } : sample;
}
