import type { Answered } from "../../plan/comparison.ts";
import { slowAboveMs } from "./baseline.ts";
import { addTick, openCase, type Case } from "./judge.ts";
import { countTick, type Observation, type Warmth } from "./observation.ts";
import type { JudgeSettings } from "./settings.ts";
import { withStandards } from "./standard.ts";
import type { Count, Tick } from "./tick.ts";

/** All that is known of one canary, over its stages. Serialisable, for whoever judges on. */
export interface Known {
  readonly case: Case;
  /** "service path" -> what is slow there, by what was seen before the present tick. */
  readonly slowAboveMs: Readonly<Record<string, number>>;
  readonly warmth: Warmth;
}

/** "service path" -> the newest latencies of the old release there. */
export type Baseline = Map<string, number[]>;

/** A difference that nobody would feel is none: a tenth of the threshold, and two ms. */
const slack = { share: 1.1, ms: 2 };
const mostKept = 600;

export function nothingKnown(settings: JudgeSettings, at: number): Known {
  return { case: openCase(settings, at), slowAboveMs: {}, warmth: {} };
}

/** One tick of answers; `releases` tells the processes of a server apart. */
export function addAnswers(
  known: Known,
  answers: readonly Answered[],
  by: {
    readonly at: number;
    readonly settings: JudgeSettings;
    readonly releases: Readonly<Record<Answered["arm"], string>>;
  },
): Known {
  const { at, settings, releases } = by;
  const observations = answers
    .toSorted((one, other) => one.at - other.at)
    .map((answered): Observation => {
      const { arm, server } = answered;
      const instance = `${server} ${releases[arm]}`;
      const dueAt = answered.at - answered.tookMs;
      return { at: answered.at, dueAt, arm, instance, bad: badOf(answered, known.slowAboveMs) };
    });
  const { tick, warmth } = countTick(observations, { at, warmth: known.warmth, settings });
  return { ...addEvidence(known, tick, settings), warmth };
}

export function addEvidence(known: Known, tick: Tick, settings: JudgeSettings): Known {
  return { ...known, case: addTick(known.case, tick, settings) };
}

function badOf(
  { service, path, tookMs, fault }: Answered,
  thresholds: Known["slowAboveMs"],
): Observation["bad"] {
  const limit = thresholds[`${service} ${path}`];
  if (fault !== undefined || limit === undefined) return { errors: fault !== undefined };
  return { errors: false, slow: tookMs > limit };
}

/** What the next tick takes for slow: by the newest good answers of `arms`, which run the old release. */
export function learnSpeed(
  known: Known,
  baseline: Baseline,
  answers: readonly Answered[],
  arms: readonly Answered["arm"][],
): Known {
  for (const { arm, service, path, tookMs, fault } of answers) {
    if (fault !== undefined || !arms.includes(arm)) continue;
    const key = `${service} ${path}`;
    const latencies = baseline.get(key) ?? [];
    latencies.push(tookMs);
    baseline.set(key, latencies);
  }
  for (const [key, latencies] of baseline) baseline.set(key, latencies.slice(-mostKept));
  const limits = [...baseline].flatMap(([key, latencies]) => {
    const slowest = slowAboveMs(latencies);
    return slowest === null ? [] : [[key, Math.max(slowest * slack.share, slowest + slack.ms)] as const];
  });
  return { ...known, slowAboveMs: { ...known.slowAboveMs, ...Object.fromEntries(limits) } };
}

/** With nothing of the old release beside the new one, what it showed before stands in for it. */
export function settingsAlone(settings: JudgeSettings, { signals }: Case): JudgeSettings {
  const measured = Object.entries(signals).map(([name, { control }]): [string, Count] => [name, control]);
  return withStandards(settings, Object.fromEntries(measured));
}

export function isKnown(value: unknown): value is Known {
  return typeof value === "object" && value !== null && "case" in value && "slowAboveMs" in value;
}
