import type { Failure } from "./failure.ts";
import type { Load } from "./load.ts";
import type { FailureNote, ProofResult, Stats, VersionSpan, WindowResult } from "./result.ts";
import type { Sample, Tally } from "./tally.ts";

const notedFailures = 20;
const maxLagMs = 25;

/** Makes the result of a run that lasted `durationMs`. */
export function summarise(tally: Tally, load: Load, durationMs: number): ProofResult {
  const { samples } = tally;
  const total = statsOf(samples, 0, durationMs);
  const lags = [...tally.lagsMs].sort((a, b) => a - b);
  const lag = { p50Ms: at(lags, 0.5) ?? 0, p99Ms: at(lags, 0.99) ?? 0, maxMs: lags.at(-1) ?? 0 };
  const isStarved = lag.p99Ms > (load.maxLagMs ?? maxLagMs) || total.sent === 0;
  return {
    verdict: total.failed > 0 ? "lost" : isStarved ? "inconclusive" : "held",
    startedAt: tally.startedAt,
    durationMs,
    resolutionMs: resolution(load),
    lag,
    total,
    lanes: load.lanes.map(({ name }) => {
      const own = samples.filter((sample) => sample.lane === name);
      return { lane: name, ...statsOf(own, 0, durationMs) };
    }),
    windows: windowsOf(tally, durationMs),
    versions: versionsOf(samples),
    shares: sharesOf(samples, durationMs),
    reopened: tally.reopened,
    failures: notesOf(samples),
  };
}

/** Figures of the samples of the stretch from `fromMs` to `toMs`. */
function statsOf(samples: readonly Sample[], fromMs: number, toMs: number): Stats {
  const failedBy: Partial<Record<Failure, number>> = {};
  let failed = 0;
  const latencies: number[] = [];
  const successes: number[] = [];
  for (const sample of samples) {
    if (sample.failure !== undefined) {
      failed++;
      failedBy[sample.failure] = (failedBy[sample.failure] ?? 0) + 1;
    } else if (sample.isTimed) {
      latencies.push(sample.endMs - sample.dueMs);
      successes.push(sample.endMs);
    }
  }
  latencies.sort((a, b) => a - b);
  const sent = samples.length;
  return {
    sent,
    answered: sent - failed,
    failed,
    failedBy,
    failureShareBelow:
      sent === 0 ? 1 : Math.min(1, (failed === 0 ? 3 : failed + 2 * Math.sqrt(failed) + 3) / sent),
    longestGapMs: latencies.length + failed === 0 ? null : longestGap(successes, fromMs, toMs),
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
    maxMs: latencies.at(-1) ?? null,
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

function at(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function resolution(load: Load): number | null {
  const rates = load.lanes.map((lane) =>
    lane.kind === "requests" && lane.loop.kind === "open" ? lane.loop.ratePerSecond : 0,
  );
  const rate = Math.max(0, ...rates);
  return rate === 0 ? null : 1000 / rate;
}

function windowsOf(tally: Tally, durationMs: number): WindowResult[] {
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
      versionsAfter: versionsOf(after).map(({ version }) => version),
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

function sharesOf(samples: readonly Sample[], durationMs: number): Record<string, number>[] {
  const seconds = Array.from({ length: Math.ceil(durationMs / 1000) }, (): Record<string, number> => ({}));
  for (const { version, endMs } of samples) {
    const second = seconds[Math.min(seconds.length - 1, Math.floor(endMs / 1000))];
    if (version !== undefined && second !== undefined) second[version] = (second[version] ?? 0) + 1;
  }
  return seconds;
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
