import type { Second } from "./result.ts";
import type { Run } from "./runs.ts";
import type { Stretch } from "./time-axis.ts";

/** What ended within a stretch of a run; ms since the epoch. */
export interface Bar extends Stretch, Second {}

/** The run in at most so many bars. The last is no shorter than half of the others: too short, it would tell chance. */
export function barsOf({ part, from, to }: Run, most: number): readonly Bar[] {
  const { seconds, slotMs } = part;
  const per = Math.max(1, Math.ceil(seconds.length / Math.max(1, Math.floor(most))));
  const groups = Array.from({ length: Math.ceil(seconds.length / per) }, (_, i) => ({
    from: from + i * per * slotMs,
    seconds: seconds.slice(i * per, (i + 1) * per),
  }));
  const [before, last] = groups.slice(-2);
  if (before !== undefined && last !== undefined && to - last.from < (per * slotMs) / 2)
    groups.splice(-2, 2, { from: before.from, seconds: [...before.seconds, ...last.seconds] });
  return groups.map((group, i) => ({
    from: group.from,
    to: groups[i + 1]?.from ?? Math.max(group.from + 1, to),
    ...together(group.seconds),
  }));
}

/** Latencies of the slowest one. */
function together(seconds: readonly Second[]): Second {
  const versions: Record<string, number> = {};
  for (const second of seconds)
    for (const [version, answers] of Object.entries(second.versions))
      versions[version] = (versions[version] ?? 0) + answers;
  const sum = (pick: (second: Second) => number): number => seconds.reduce((all, one) => all + pick(one), 0);
  const most = (pick: (second: Second) => number | null): number | null => {
    const known = seconds.flatMap((second) => pick(second) ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    answered: sum(({ answered }) => answered),
    failed: sum(({ failed }) => failed),
    p50Ms: most(({ p50Ms }) => p50Ms),
    p99Ms: most(({ p99Ms }) => p99Ms),
    versions,
  };
}

/** Versions that share a colour. */
export interface Shade {
  readonly name: string;
  readonly versions: readonly string[];
}

/** In the order in which they first answered, at most so many: those that answered least have one together. */
export function shadesOf(runs: readonly Run[], most: number): readonly Shade[] {
  const answers = new Map<string, number>();
  for (const { versions } of runs.flatMap(({ part }) => part.seconds))
    for (const [version, count] of Object.entries(versions))
      answers.set(version, (answers.get(version) ?? 0) + count);
  const all = [...answers.keys()];
  const alone = (version: string): Shade => ({ name: version, versions: [version] });
  if (all.length <= most) return all.map(alone);
  const busiest = all.toSorted((one, other) => (answers.get(other) ?? 0) - (answers.get(one) ?? 0));
  const kept = new Set(busiest.slice(0, most - 1));
  const others = all.filter((version) => !kept.has(version));
  return [
    ...all.filter((version) => kept.has(version)).map(alone),
    { name: `${others.length} other releases`, versions: others },
  ];
}

export function answersOf({ versions }: Bar, shade: Shade): number {
  return shade.versions.reduce((sum, version) => sum + (versions[version] ?? 0), 0);
}

interface Point {
  /** Ms since the epoch. */
  readonly at: number;
  readonly ms: number;
}

/** From the middle of one bar to that of the next; a bar alone over all its length. No line leads over what was not answered. */
export function linesOf(
  bars: readonly Bar[],
  pick: (bar: Bar) => number | null,
): readonly (readonly Point[])[] {
  const groups: { readonly bar: Bar; readonly ms: number }[][] = [[]];
  for (const bar of bars) {
    const ms = pick(bar);
    if (ms !== null) groups.at(-1)?.push({ bar, ms });
    else groups.push([]);
  }
  return groups
    .filter(({ length }) => length > 0)
    .map((group) =>
      group.flatMap(({ bar: { from, to }, ms }) =>
        (group.length === 1 ? [from, to] : [(from + to) / 2]).map((at) => ({ at, ms })),
      ),
    );
}
