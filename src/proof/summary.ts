import { latencies } from "./latency.ts";
import type { Load } from "./load.ts";
import type {
  FailureNote,
  LagStats,
  LaneStats,
  ProofResult,
  Second,
  VersionSpan,
  WindowResult,
} from "./result.ts";
import { statsOf } from "./stats.ts";
import type { Sample, Tally } from "./tally.ts";

const notedFailures = 20;
const maxLagMs = 25;

/** Makes the result of a run that lasted `durationMs`. */
export function summarise(tally: Tally, load: Load, durationMs: number): ProofResult {
  const { samples } = tally;
  const total = statsOf(samples, 0, durationMs);
  const lag = lagOf(tally, 0, Number.POSITIVE_INFINITY);
  const isStarved = lag.p99Ms > (load.maxLagMs ?? maxLagMs) || total.sent === 0;
  return {
    verdict: total.failed > 0 ? "lost" : isStarved ? "inconclusive" : "held",
    startedAt: tally.startedAt,
    durationMs,
    resolutionMs: resolution(load),
    lag,
    total,
    lanes: lanesOf(load, samples, { fromMs: 0, toMs: durationMs }),
    windows: windowsOf(tally, load, durationMs),
    versions: versionsOf(samples),
    seconds: secondsOf(samples, durationMs),
    reopened: tally.reopened,
    failures: notesOf(samples),
  };
}

function resolution(load: Load): number | null {
  const rates = load.lanes.map((lane) =>
    lane.kind === "requests" && lane.loop.kind === "open" ? lane.loop.ratePerSecond : 0,
  );
  const rate = Math.max(0, ...rates);
  return rate === 0 ? null : 1000 / rate;
}

function lagOf({ lags }: Tally, fromMs: number, toMs: number): LagStats {
  const late = latencies();
  for (const { dueMs, lateMs } of lags) if (dueMs >= fromMs && dueMs <= toMs) late.record(lateMs);
  return { p50Ms: late.at(0.5) ?? 0, p99Ms: late.at(0.99) ?? 0, maxMs: late.max() ?? 0 };
}

function lanesOf(
  load: Load,
  samples: readonly Sample[],
  stretch: { readonly fromMs: number; readonly toMs: number },
): LaneStats[] {
  return load.lanes.map(({ name }) => {
    const own = samples.filter((sample) => sample.lane === name);
    return { lane: name, ...statsOf(own, stretch.fromMs, stretch.toMs) };
  });
}

function windowsOf(tally: Tally, load: Load, durationMs: number): WindowResult[] {
  return tally.windows.map((window, i) => {
    const toMs = window.toMs ?? durationMs;
    const previousMs = tally.windows[i - 1]?.toMs ?? 0;
    const nextMs = tally.windows[i + 1]?.fromMs ?? durationMs;
    const before = tally.samples.filter(({ dueMs, endMs }) => dueMs >= previousMs && endMs < window.fromMs);
    const during = tally.samples.filter(({ dueMs, endMs }) => dueMs <= toMs && endMs >= window.fromMs);
    const after = tally.samples.filter(({ dueMs, endMs }) => dueMs > toMs && endMs < nextMs);
    return {
      name: window.name,
      fromMs: window.fromMs,
      toMs,
      before: statsOf(before, previousMs, window.fromMs),
      during: statsOf(during, window.fromMs, toMs),
      after: statsOf(after, toMs, nextMs),
      lanes: lanesOf(load, during, { fromMs: window.fromMs, toMs }),
      lag: lagOf(tally, window.fromMs, toMs),
      versionsBefore: versionsOf(before).map(({ version }) => version),
      versionsAfter: versionsOf(after).map(({ version }) => version),
      answersAfter: versionsOf(after),
    };
  });
}

function versionsOf(samples: readonly Sample[]): VersionSpan[] {
  const spans = new Map<string, { answers: number; firstMs: number; lastMs: number }>();
  for (const { version, endMs } of samples) {
    if (version === undefined) continue;
    const span = spans.get(version) ?? { answers: 0, firstMs: endMs, lastMs: endMs };
    span.answers++;
    span.firstMs = Math.min(span.firstMs, endMs);
    span.lastMs = Math.max(span.lastMs, endMs);
    spans.set(version, span);
  }
  const named = [...spans].map(([version, span]) => Object.assign({ version }, span));
  return named.sort((a, b) => a.firstMs - b.firstMs);
}

function secondsOf(samples: readonly Sample[], durationMs: number): Second[] {
  const parts = Array.from({ length: Math.ceil(durationMs / 1000) }, (): Sample[] => []);
  for (const sample of samples)
    parts[Math.min(parts.length - 1, Math.floor(sample.endMs / 1000))]?.push(sample);
  return parts.map((part, i) => {
    const { answered, failed, p50Ms, p99Ms } = statsOf(part, i * 1000, (i + 1) * 1000);
    const versions: Record<string, number> = {};
    for (const { version } of part)
      if (version !== undefined) versions[version] = (versions[version] ?? 0) + 1;
    return { answered, failed, p50Ms, p99Ms, versions };
  });
}

function notesOf(samples: readonly Sample[]): FailureNote[] {
  const notes: FailureNote[] = [];
  for (const { lane, dueMs, endMs, failure, detail } of samples) {
    if (failure === undefined) continue;
    notes.push({ lane, dueMs, endMs, failure, detail: detail ?? "" });
    if (notes.length === notedFailures) break;
  }
  return notes;
}
