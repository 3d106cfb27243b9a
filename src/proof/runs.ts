import { lengthText } from "./axis.ts";
import { clockText } from "./clock.ts";
import { partsOf } from "./parts.ts";
import type { Proof } from "./proof.ts";
import { between, merged, type Stretch, type TimeAxis } from "./time-axis.ts";

/** A run in which a deployment was measured, where it is drawn; ms since the epoch. */
export interface Run extends Stretch {
  readonly part: Proof;
}

/** The oldest first. One whose clock was behind that of the run before it is drawn after it. */
export function runsOf(proof: Proof): readonly Run[] {
  let free = Number.NEGATIVE_INFINITY;
  return partsOf(proof).map((part) => {
    const from = Math.max(free, part.startedAt);
    free = from + part.durationMs;
    return { part, from, to: free };
  });
}

/** Shorter than this nobody misses it before the first and after the last run. */
const edgeMs = 1000;

/** What of `shown` nobody measured. */
export function gapsOf(runs: readonly Run[], shown: Stretch): readonly Stretch[] {
  return between(merged(runs), shown).filter(
    ({ from, to }) => (from > shown.from && to < shown.to) || to - from >= edgeMs,
  );
}

/** What the hatched stretches of a picture are, in whole sentences; none without them. */
export function gapNotes(
  gaps: readonly Stretch[],
  { cuts }: Pick<TimeAxis, "cuts">,
  runs: readonly Run[],
): readonly string[] {
  const isShifted = runs.some(({ part, from }) => from > part.startedAt);
  return [
    ...(gaps.length === 0 ? [] : [`Hatched: ${sayGaps(gaps)}.`]),
    ...(cuts.length === 0
      ? []
      : [
          `The time axis is broken there (//): ${cuts.length === 1 ? "the gap is" : "gaps are"} not drawn to scale.`,
        ]),
    ...(isShifted
      ? ["The clock of a later run was behind that of the one before it: how long lay between is not known."]
      : []),
  ];
}

const mostTold = 3;

/** "not measured for 20s from 10:15:29 to 10:15:49 UTC". */
export function sayGaps(gaps: readonly Stretch[]): string {
  if (gaps.length === 0) return "nothing between them was missed";
  const all = gaps.reduce((ms, { from, to }) => ms + to - from, 0);
  if (gaps.length > mostTold) return `not measured ${gaps.length} times, ${lengthText(all)} together`;
  const told = gaps.map(
    ({ from, to }) => `for ${lengthText(to - from)} from ${clockText(from)} to ${clockText(to)} UTC`,
  );
  return `not measured ${told.join(", ")}`;
}
