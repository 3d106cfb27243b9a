import type { Observation } from "./observation.ts";

/** Requests that meet one pause, or one lost connection, end within about this time of each other. */
const momentMs = 100;
/** Companions beyond those expected that say nothing: answers drift together and apart by the time they take. */
const byChance = 0.5;

/**
 * What the evidence of one tick is worth, above 0 and at most 1. Bad answers of one arm within a moment may have one cause, so
 * one that has c bad companions more than chance gives it counts as one of 1 + c: a burst is about one bad event, whatever the
 * rate, and what is bad all the time counts in full.
 */
export function weightOf(observations: readonly Observation[], signal: string): number {
  let total = 0;
  let pairs = 0;
  for (const arm of ["canary", "control"] as const) {
    const own = observations.filter((one) => one.arm === arm);
    const bad = own.filter((one) => one.bad[signal]);
    total += bad.length;
    if (bad.length < 2) continue;
    const chance = chanceToMeet(own.map(({ dueAt }) => dueAt));
    pairs += pairsIn(bad.map(({ at }) => at)) - bad.length * (bad.length - 1) * chance;
  }
  return pairs > total * byChance ? 1 / (1 + pairs / total - byChance) : 1;
}

/** That two requests were due within a moment. */
function chanceToMeet(times: readonly number[]): number {
  return pairsIn(times) / (times.length * (times.length - 1));
}

/** Ordered pairs within a moment. */
function pairsIn(times: readonly number[]): number {
  const sorted = Float64Array.from(times).sort();
  let first = 0;
  let pairs = 0;
  sorted.forEach((time, i) => {
    while (time - (sorted[first] ?? time) >= momentMs) first += 1;
    pairs += 2 * (i - first);
  });
  return pairs;
}
