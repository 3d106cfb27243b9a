import { isStalled } from "./stalls.ts";
import { elapsed, type Sample, type Tally } from "./tally.ts";

/** Failures of the prober itself say nothing about the service. `aliveMs`: when the service last showed that it is there. */
export function blame(tally: Tally, sample: Sample, aliveMs: number = sample.dueMs): Sample {
  const { failure, detail } = sample;
  if (failure === undefined) return sample;
  if (failure === "prober") return { ...sample, ownFault: detail ?? "" };
  return isStalled(tally.stalls, aliveMs, elapsed(tally)) ? { ...sample, ownFault: "stalled" } : sample;
}
