import { boundsOf } from "./bound.ts";
import type { JudgeSettings, SignalSettings } from "./settings.ts";
import { nothing, type Count } from "./tick.ts";

/** What the new release has to be like where nothing of the old one answers at the same time. */
export interface Standard {
  /** The old release's, before. */
  readonly measured: Count;
  /** Shares of bad events: harm is above the one, soundness below the other. */
  readonly tolerated: number;
  readonly harmful: number;
}

/** Judges by what the old release showed before; half of each alpha is spent on how exactly that is known. */
export function withStandards(
  settings: JudgeSettings,
  measured: Readonly<Record<string, Count>>,
): JudgeSettings {
  const standards = settings.signals.map((signal) => [
    signal.name,
    standardOf(settings, signal, measured[signal.name] ?? nothing),
  ]);
  return { ...settings, standards: Object.fromEntries(standards) };
}

function standardOf(settings: JudgeSettings, signal: SignalSettings, measured: Count): Standard {
  const { upper } = boundsOf(measured, settings.alphaAbort / settings.signals.length / 2);
  const { lower } = boundsOf(measured, settings.alphaPromote / 2);
  return {
    measured,
    tolerated: Math.max(signal.floor, timesOdds(upper, signal.tolerated)),
    harmful: Math.max(signal.floor, timesOdds(lower, signal.harmful)),
  };
}

/** The share whose odds are `factor` times those of `share`. */
export function timesOdds(share: number, factor: number): number {
  return (share * factor) / (1 - share + share * factor);
}
