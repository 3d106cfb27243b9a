import { addTable, noEvidence, type Evidence } from "./evidence.ts";
import { ruleOf } from "./rule.ts";
import type { JudgeSettings } from "./settings.ts";
import { addSplit, type SplitEvidence } from "./split.ts";
import type { Tick } from "./tick.ts";

/** All that the judge knows: a fold over ticks, so that a journal of ticks gives it again. Serialisable. */
export interface Case {
  readonly startedAt: number;
  readonly signals: Readonly<Record<string, Evidence>>;
  readonly split: SplitEvidence | null;
}

export function openCase(settings: JudgeSettings, startedAt: number): Case {
  const signals = settings.signals.map((signal) => [signal.name, noEvidence(ruleOf(settings, signal))]);
  return { startedAt, signals: Object.fromEntries(signals), split: null };
}

/** Signals that the settings do not name are left out. */
export function addTick(state: Case, tick: Tick, settings: JudgeSettings): Case {
  const signals = { ...state.signals };
  for (const signal of settings.signals) {
    const table = tick.signals[signal.name];
    const evidence = signals[signal.name];
    if (table === undefined || evidence === undefined) continue;
    signals[signal.name] = addTable(evidence, table, ruleOf(settings, signal));
  }
  const split =
    tick.split === undefined ? state.split : addSplit(state.split, tick.split, settings.splitTolerance);
  return { startedAt: state.startedAt, signals, split };
}
