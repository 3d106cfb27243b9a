import type { Standard } from "./standard.ts";

/** What the judge is to find out, as plain data: part of the goal, so that whoever resumes judges alike. Times in ms. */
export interface JudgeSettings {
  readonly signals: readonly SignalSettings[];
  /** Probability of aborting a canary that is no worse, over the whole canary and all signals. */
  readonly alphaAbort: number;
  /** Probability of promoting one that is harmful. */
  readonly alphaPromote: number;
  /** Not promoted earlier. */
  readonly minMs: number;
  /** Inconclusive after this long. */
  readonly maxMs: number;
  /** What a process answers in this time after its first answer says nothing of its speed. */
  readonly coldMs: number;
  /** A server's share may be this many times more or less than it was told. */
  readonly splitTolerance: number;
  readonly onHarm: "abort" | "pause";
  /** The verdict is told and nothing follows from it. */
  readonly isDryRun: boolean;
  /** Signal -> its standard. Present: nothing of the old release runs beside the new one, and its past stands in for it. */
  readonly standards?: Readonly<Record<string, Standard>> | undefined;
}

/** A share of bad events. Harmful: at least `floor`, and odds at least `harmful` times those of the old release. */
export interface SignalSettings {
  readonly name: string;
  /** The old release's odds may be exceeded this many times without counting as worse. */
  readonly tolerated: number;
  readonly harmful: number;
  readonly floor: number;
  /** The first requests of a new process are left out. */
  readonly needsWarmth: boolean;
  /** It may tell of harm, and nobody waits for it to tell of soundness: there may be no traffic. */
  readonly isOptional?: boolean | undefined;
}

/** Failed requests count from the first one: whoever got an error got it, warm or not. */
export const errors: SignalSettings = signal("errors");

/** Slower than the slowest tenth of the old release before; a tenth is slow anyway: a little more is tolerated, a quarter is harm. */
export const slow: SignalSettings = { ...signal("slow"), tolerated: 1.5, floor: 0.25, needsWarmth: true };

/** What the balancer counts of the real requests: as much as there are. */
export const traffic: SignalSettings = { ...signal("traffic"), isOptional: true };

/** A check of the user's own, which says good or bad some thirty times in a stage: less than a fifth of bad ones is sound. */
export const check: SignalSettings = { ...signal("check"), floor: 0.2 };

export function signal(name: string): SignalSettings {
  return { name, tolerated: 1, harmful: 3, floor: 0.01, needsWarmth: false };
}

export const defaults: JudgeSettings = {
  signals: [errors, slow],
  alphaAbort: 0.01,
  alphaPromote: 0.01,
  minMs: 60_000,
  maxMs: 600_000,
  coldMs: 10_000,
  splitTolerance: 1.5,
  onHarm: "abort",
  isDryRun: false,
};
