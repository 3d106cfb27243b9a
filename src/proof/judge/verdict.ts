import type { Evidence } from "./evidence.ts";
import type { Case } from "./judge.ts";
import { ruleOf } from "./rule.ts";
import type { JudgeSettings, SignalSettings } from "./settings.ts";
import type { SplitEvidence } from "./split.ts";
import type { Count } from "./tick.ts";

export interface Verdict {
  /** inconclusive: not enough evidence for either in time, or none that can be trusted. It never promotes. */
  readonly verdict: "abort" | "promote" | "hold" | "inconclusive";
  /** What follows from it; none: a dry run. */
  readonly action: "abort" | "promote" | "hold" | "pause" | "none";
  readonly why: string;
  readonly signals: readonly SignalVerdict[];
  /** null: nothing was held against what the balancer was told. */
  readonly split: SplitVerdict | null;
}

export type SplitVerdict = SplitEvidence & {
  readonly isAsTold: boolean;
  /** Evidence, as "so much to 1", that settles the opposite. */
  readonly needed: number;
};

export interface SignalVerdict {
  readonly name: string;
  readonly finding: "harmful" | "sound" | "open";
  /** Nobody waits for it to be settled. */
  readonly isOptional: boolean;
  readonly canary: Count;
  /** null: nothing of the old release answers beside it; `before` stands in. */
  readonly control: Count | null;
  readonly before: Count | null;
  /** Evidence as ln of "so much to 1", and how much of it is needed. */
  readonly harm: { readonly ln: number; readonly needed: number };
  readonly safe: { readonly ln: number; readonly needed: number };
}

/** `at`: now, ms since the epoch. */
export function verdictOf(state: Case, settings: JudgeSettings, at: number): Verdict {
  const signals = settings.signals.flatMap((signal) => {
    const evidence = state.signals[signal.name];
    return evidence === undefined ? [] : [findingOf(evidence, signal, settings)];
  });
  const { verdict, why } = conclude(state, settings, { signals, elapsedMs: at - state.startedAt });
  return {
    verdict,
    action: actionOf(verdict, settings),
    why,
    signals,
    split: splitOf(state, settings),
  };
}

function findingOf(evidence: Evidence, signal: SignalSettings, settings: JudgeSettings): SignalVerdict {
  const { harmNeeded, safeNeeded } = ruleOf(settings, signal);
  const isHarmful = evidence.peak.harm >= Math.log(harmNeeded);
  const isSafe = evidence.peak.safe >= Math.log(safeNeeded);
  return {
    name: signal.name,
    isOptional: signal.isOptional === true,
    finding: isHarmful ? "harmful" : isSafe ? "sound" : "open",
    canary: evidence.canary,
    control: settings.standards === undefined ? evidence.control : null,
    before: settings.standards?.[signal.name]?.measured ?? null,
    harm: { ln: evidence.peak.harm, needed: harmNeeded },
    safe: { ln: evidence.peak.safe, needed: safeNeeded },
  };
}

function conclude(
  state: Case,
  settings: JudgeSettings,
  seen: { readonly signals: readonly SignalVerdict[]; readonly elapsedMs: number },
): { readonly verdict: Verdict["verdict"]; readonly why: string } {
  const { signals, elapsedMs } = seen;
  const named = (finding: SignalVerdict["finding"]): string[] =>
    signals.filter((signal) => signal.finding === finding).map(({ name }) => name);
  const harmful = named("harmful");
  if (harmful.length > 0)
    return { verdict: "abort", why: `The new release does harm: ${harmful.join(", ")}.` };
  if (splitOf(state, settings)?.isAsTold === false) {
    return { verdict: "inconclusive", why: "The balancer does not divide the traffic as it was told." };
  }
  const needed = signals.filter(({ isOptional }) => !isOptional);
  const open = needed.filter(({ finding }) => finding === "open").map(({ name }) => name);
  if (open.length === 0 && needed.length > 0 && elapsedMs >= settings.minMs) {
    return { verdict: "promote", why: "The new release is sound." };
  }
  if (elapsedMs >= settings.maxMs) {
    const left = open.length === 0 ? "nothing was measured" : `not settled: ${open.join(", ")}`;
    return { verdict: "inconclusive", why: `Not enough evidence in the time given; ${left}.` };
  }
  return { verdict: "hold", why: open.length === 0 ? "Sound so far." : "The evidence does not suffice yet." };
}

function splitOf({ split }: Case, { alphaAbort }: JudgeSettings): SplitVerdict | null {
  if (split === null) return null;
  const needed = 1 / alphaAbort;
  return { ...split, needed, isAsTold: split.peak < Math.log(needed) };
}

function actionOf(verdict: Verdict["verdict"], settings: JudgeSettings): Verdict["action"] {
  if (settings.isDryRun) return "none";
  if (verdict === "abort") return settings.onHarm;
  return verdict === "inconclusive" ? "pause" : verdict;
}
