import { atSwitchOf } from "./lasting.ts";
import type { Latencies } from "./latency.ts";
import { type Load, lastingLanesOf, longestPauseMs } from "./load.ts";
import type { LagStats, LaneStats, ProofResult, WindowResult } from "./result.ts";
import { secondsOf } from "./slots.ts";
import { statsOf, type Sum, sumFrom } from "./sum.ts";
import type { Tally, Window } from "./tally.ts";
import { spansOf } from "./versions.ts";

const maxLagMs = 25;

/** Makes the result of a run that has ended. */
export function summarise(tally: Tally, load: Load): ProofResult {
  const { durationMs } = tally;
  const total = statsOf(tally.total, durationMs);
  const lag = lagOf(tally.lag);
  const atSwitch = atSwitchOf(tally.lastings, lastingLanesOf(load));
  const isBlind = total.sent === 0 || total.ownFaults !== undefined;
  const isStarved = lag.p99Ms > (load.maxLagMs ?? maxLagMs) || isBlind;
  return {
    verdict: total.failed > 0 ? "lost" : isStarved ? "inconclusive" : "held",
    startedAt: tally.startedAt,
    durationMs,
    resolutionMs: longestPauseMs(load),
    lag,
    total,
    lanes: lanesOf(load, tally.lanes, { fromMs: 0, toMs: durationMs }),
    windows: tally.windows.map((window, i) =>
      windowOf(window, load, { durationMs, nextMs: tally.windows[i + 1]?.fromMs ?? durationMs }),
    ),
    versions: spansOf(tally.versions),
    ...secondsOf(tally.slots, durationMs),
    reopened: tally.reopened,
    ...(atSwitch === undefined ? {} : { atSwitch }),
    failures: tally.notes,
  };
}

function lagOf(late: Latencies): LagStats {
  return { p50Ms: late.at(0.5) ?? 0, p99Ms: late.at(0.99) ?? 0, maxMs: late.max() ?? 0 };
}

function lanesOf(
  load: Load,
  sums: ReadonlyMap<string, Sum>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): LaneStats[] {
  return load.lanes.map(({ name }) => ({ lane: name, ...statsOf(sums.get(name) ?? sumFrom(fromMs), toMs) }));
}

function windowOf(
  { name, fromMs, toMs: endedMs, before, after, during, lanes, lag }: Window,
  load: Load,
  { durationMs, nextMs }: { readonly durationMs: number; readonly nextMs: number },
): WindowResult {
  const toMs = endedMs ?? durationMs;
  const answersAfter = after === null ? [] : spansOf(after.versions);
  return {
    name,
    fromMs,
    toMs,
    before: statsOf(before.sum, fromMs),
    during: statsOf(during, toMs),
    after: statsOf(after?.sum ?? sumFrom(toMs), nextMs),
    lanes: lanesOf(load, lanes, { fromMs, toMs }),
    lag: lagOf(lag),
    versionsBefore: spansOf(before.versions).map(({ version }) => version),
    versionsAfter: answersAfter.map(({ version }) => version),
    answersAfter,
  };
}
