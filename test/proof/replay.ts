import type { Load } from "../../src/proof/load.ts";
import type { ProofResult } from "../../src/proof/result.ts";
import { summarise } from "../../src/proof/summary.ts";
import {
  beginWindow,
  createTally,
  endRun,
  endWindow,
  record,
  recordLag,
  type Sample,
} from "../../src/proof/tally.ts";

/** All that happened in a run, in any order. Times in ms since it began. */
export interface Seen {
  readonly startedAt?: number;
  readonly durationMs: number;
  readonly samples: readonly Sample[];
  readonly lags: readonly { readonly dueMs: number; readonly lateMs: number }[];
  /** toMs null: open when the run ended. */
  readonly windows: readonly {
    readonly name: string;
    readonly fromMs: number;
    readonly toMs: number | null;
  }[];
}

/** The result of a run in which this happened, each thing at its time. */
export function replay({ startedAt = 0, durationMs, samples, lags, windows }: Seen, load: Load): ProofResult {
  const tally = { ...createTally(), startedAt };
  // Of what happens at the same time, the borders of windows and of the run come first.
  const events = [
    { at: durationMs, run: () => endRun(tally, durationMs) },
    ...windows.flatMap(({ name, fromMs, toMs }) => [
      { at: fromMs, run: () => beginWindow(tally, name, fromMs) },
      ...(toMs === null ? [] : [{ at: toMs, run: () => endWindow(tally, toMs) }]),
    ]),
    ...samples.map((sample) => ({ at: sample.endMs, run: () => record(tally, sample) })),
    ...lags.map(({ dueMs, lateMs }) => ({ at: dueMs + lateMs, run: () => recordLag(tally, dueMs, lateMs) })),
  ];
  for (const { run } of events.toSorted((one, other) => one.at - other.at)) run();
  return summarise(tally, load);
}
