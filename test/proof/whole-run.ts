import type { Failure } from "../../src/proof/failure.ts";
import { latencies } from "../../src/proof/latency.ts";
import type { Load } from "../../src/proof/load.ts";
import type { LagStats, ProofResult, Second, Stats, VersionSpan } from "../../src/proof/result.ts";
import type { Sample } from "../../src/proof/tally.ts";
import type { Seen } from "./replay.ts";

/** The result by its definition: of each figure, all samples that belong to it. For slots of `slotMs`. */
export function wholeRun(
  seen: Seen,
  load: Load,
  slotMs: number,
): Omit<ProofResult, "verdict" | "startedAt" | "resolutionMs" | "reopened" | "failures"> {
  const { durationMs, windows } = seen;
  const samples = seen.samples.toSorted((one, other) => one.endMs - other.endMs);
  const lanes = (of: readonly Sample[], fromMs: number, toMs: number) =>
    load.lanes.map(({ name }) => {
      const own = of.filter(({ lane }) => lane === name);
      return { lane: name, ...figures(own, fromMs, toMs) };
    });
  return {
    durationMs,
    lag: lagOf(seen, 0, Number.POSITIVE_INFINITY),
    total: figures(samples, 0, durationMs),
    lanes: lanes(samples, 0, durationMs),
    windows: windows.map(({ name, fromMs, toMs: endMs }, i) => {
      const toMs = endMs ?? durationMs;
      const previousMs = windows[i - 1]?.toMs ?? Number.NEGATIVE_INFINITY;
      const nextMs = windows[i + 1]?.fromMs ?? durationMs;
      const before = samples.filter((one) => one.dueMs > previousMs && one.endMs < fromMs);
      const during = samples.filter((one) => one.dueMs <= toMs && one.endMs >= fromMs);
      const afterMs = windows[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      const after = endMs === null ? [] : samples.filter((one) => one.dueMs > toMs && one.endMs < afterMs);
      return {
        name,
        fromMs,
        toMs,
        before: figures(before, Math.max(0, previousMs), fromMs),
        during: figures(during, fromMs, toMs),
        after: figures(after, toMs, nextMs),
        lanes: lanes(during, fromMs, toMs),
        lag: lagOf(seen, fromMs, toMs),
        versionsBefore: versionsOf(before).map(({ version }) => version),
        versionsAfter: versionsOf(after).map(({ version }) => version),
        answersAfter: versionsOf(after),
      };
    }),
    versions: versionsOf(samples),
    slotMs,
    seconds: slotsOf(samples, durationMs, slotMs),
  };
}

function lagOf({ lags }: Seen, fromMs: number, toMs: number): LagStats {
  const late = latencies();
  for (const { dueMs, lateMs } of lags) if (dueMs + lateMs >= fromMs && dueMs <= toMs) late.record(lateMs);
  return { p50Ms: late.at(0.5) ?? 0, p99Ms: late.at(0.99) ?? 0, maxMs: late.max() ?? 0 };
}

function figures(samples: readonly Sample[], fromMs: number, toMs: number): Stats {
  const lost = samples.flatMap(({ failure }) => failure ?? []);
  const timed = samples.filter(({ failure, isTimed }) => failure === undefined && isTimed);
  const ends = [fromMs, ...timed.map(({ endMs }) => endMs), toMs];
  const gaps = ends.slice(1).map((end, i) => end - (ends[i] ?? 0));
  const failedBy: Partial<Record<Failure, number>> = {};
  for (const failure of lost) failedBy[failure] = lost.filter((one) => one === failure).length;
  const atMost = lost.length === 0 ? 3 : lost.length + 2 * Math.sqrt(lost.length) + 3;
  return {
    sent: samples.length,
    answered: samples.length - lost.length,
    failed: lost.length,
    failedBy,
    failureShareBelow: samples.length === 0 ? 1 : Math.min(1, atMost / samples.length),
    longestGapMs: samples.some(({ isTimed }) => isTimed) ? Math.max(...gaps) : null,
    ...quantiles(timed),
  };
}

function quantiles(timed: readonly Sample[]): Pick<Stats, "p50Ms" | "p99Ms" | "maxMs"> {
  const times = latencies();
  for (const { dueMs, endMs } of timed) times.record(endMs - dueMs);
  return { p50Ms: times.at(0.5), p99Ms: times.at(0.99), maxMs: times.max() };
}

function versionsOf(samples: readonly Sample[]): VersionSpan[] {
  const told = samples.filter(({ version }) => version !== undefined);
  return [...new Set(told.map(({ version }) => version ?? ""))].map((version) => {
    const ends = told.filter((one) => one.version === version).map(({ endMs }) => endMs);
    return { version, answers: ends.length, firstMs: ends[0] ?? 0, lastMs: ends.at(-1) ?? 0 };
  });
}

function slotsOf(samples: readonly Sample[], durationMs: number, slotMs: number): Second[] {
  const slots = Array.from({ length: Math.ceil(durationMs / slotMs) }, (): Sample[] => []);
  for (const sample of samples)
    slots[Math.min(slots.length - 1, Math.floor(sample.endMs / slotMs))]?.push(sample);
  return slots.map((slot) => {
    const { answered, failed } = figures(slot, 0, 0);
    const { p50Ms, p99Ms } = quantiles(slot.filter((one) => one.failure === undefined && one.isTimed));
    const well = slot.filter(({ failure }) => failure === undefined);
    const versions = Object.fromEntries(versionsOf(well).map(({ version, answers }) => [version, answers]));
    return { answered, failed, p50Ms, p99Ms, versions };
  });
}
