import { tickText } from "../axis.ts";
import { answersOf, type Bar, barsOf, linesOf, type Shade, shadesOf } from "../bars.ts";
import type { Run } from "../runs.ts";
import type { Stretch, TimeAxis } from "../time-axis.ts";
import { cutMarks, gapShapes, type Ink } from "./gaps.ts";
import { colours, milliseconds, round, soft, text, versionColour, versionColours } from "./markup.ts";

export const panelHeight = 150;
/** The legend has a line of its own, with room for every name: long ones lose their middle. */
const legendAbove = 28;
const nameLength = 28;
const leastName = 9;
const untoldName = "release not told";
const lostName = "lost";
const ownWords: readonly string[] = [untoldName, lostName];
const besideName = 30;
/** As wide as common letters get. */
const digitWidth = 7.65;
const letterWidth = 6.6;
/** Bars are no narrower. */
const leastBar = 1;

/** What both panels show. */
export interface Scene {
  readonly axis: TimeAxis;
  readonly runs: readonly Run[];
  readonly gaps: readonly Stretch[];
}

const ink: Ink = {
  page: `fill="${colours.page}"`,
  line: `stroke="${colours.grid}"`,
  text: `fill="${colours.soft}" stroke="${colours.page}" stroke-width="4" paint-order="stroke" font-weight="600"`,
};

/** Answers of each version, stacked, with what was lost on top in red. */
export function answersPanel(scene: Scene, y: number): readonly string[] {
  const { axis, runs } = scene;
  const bars = runs.flatMap((run) => barsIn(run, axis));
  const most = Math.max(0, ...bars.map(({ rate }) => rate)) || 1;
  const shades = shadesOf(runs, versionColours.length);
  const names = [
    ...shades.map(({ name }, i) => [name, versionColour(i)] as const),
    ...(bars.some(untoldIn) ? [[untoldName, colours.untold] as const] : []),
    [lostName, colours.lost] as const,
  ];
  return [
    ...frame(scene, y),
    ...bars.flatMap((bar) => stack(bar, { axis, shades, perAnswer: panelHeight / most, y })),
    ...over(scene, y),
    text(axis.left - 8, y + 10, String(Number(most.toPrecision(3))), `text-anchor="end" ${soft}`),
    text(axis.left - 8, y + panelHeight, "0", `text-anchor="end" ${soft}`),
    text(axis.left, y - 10, "answers per second", soft),
    ...legend(names, axis, y - legendAbove),
    text(axis.right, y - 10, "underlined: the deployment", `text-anchor="end" ${soft}`),
  ];
}

/** What ended in it per second. */
type RatedBar = Bar & { readonly rate: number };

function barsIn(run: Run, { x }: TimeAxis): readonly RatedBar[] {
  return barsOf(run, (x(run.to) - x(run.from)) / leastBar).map((bar) =>
    Object.assign({ rate: ((bar.answered + bar.failed) * 1000) / (bar.to - bar.from) }, bar),
  );
}

function untoldIn({ answered, versions }: Bar): boolean {
  return answered > Object.values(versions).reduce((sum, count) => sum + count, 0);
}

interface Stacking {
  readonly axis: TimeAxis;
  readonly shades: readonly Shade[];
  /** Pixels of one answer per second. */
  readonly perAnswer: number;
  readonly y: number;
}

function stack(bar: RatedBar, { axis, shades, perAnswer, y }: Stacking): readonly string[] {
  const told = Object.values(bar.versions).reduce((sum, count) => sum + count, 0);
  const pieces: readonly (readonly [number, string])[] = [
    ...shades.map((shade, v) => [answersOf(bar, shade), versionColour(v)] as const),
    [Math.max(0, bar.answered - told), colours.untold],
    [bar.failed, colours.lost],
  ];
  const [from, to] = [axis.x(bar.from), axis.x(bar.to)];
  // Narrow ones overlap a little, else light shines through between them.
  const width = to - from + (to - from > 4 ? -0.5 : 0.4);
  let base = y + panelHeight;
  return pieces.flatMap(([count, fill]) => {
    if (count === 0) return [];
    const isLost = fill === colours.lost;
    // One lost request among thousands has to be seen.
    const height = Math.max(isLost ? 2 : 0, ((count * 1000) / (bar.to - bar.from)) * perAnswer);
    base = Math.max(y, base - height);
    return [
      `<rect x="${round(from)}" y="${round(base)}" width="${round(Math.max(isLost ? 2 : 0, width))}" height="${round(height)}" fill="${fill}"/>`,
    ];
  });
}

function legend(
  names: readonly (readonly [string, string])[],
  { left, right }: TimeAxis,
  y: number,
): string[] {
  let at = left;
  return fitted(
    names.map(([name]) => name),
    right - left,
  ).flatMap((shown, i) => {
    const from = at;
    at += widthOf(shown);
    return [
      `<rect x="${round(from)}" y="${y - 10}" width="10" height="10" fill="${names[i]?.[1] ?? ""}"/>`,
      text(from + 15, y, shown, ""),
    ];
  });
}

/** The longest but our own words lose letters until there is room for all of them. */
function fitted(names: readonly string[], room: number): readonly string[] {
  const cut = (most: number): readonly string[] =>
    names.map((name) => (name.length > most && !ownWords.includes(name) ? shortened(name, most) : name));
  for (let most = nameLength; most > leastName; most--)
    if (cut(most).reduce((sum, name) => sum + widthOf(name), 0) <= room) return cut(most);
  return cut(leastName);
}

/** With its colour before it and the space behind it. */
function widthOf(name: string): number {
  const digits = name.replaceAll(/\D/g, "").length;
  return besideName + digits * digitWidth + (name.length - digits) * letterWidth;
}

/** Versions often differ in their ends alone. */
function shortened(name: string, most: number): string {
  const end = Math.floor((most - 1) / 2);
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`;
}

/** p50 and p99 of every slot. */
export function latencyPanel(scene: Scene, y: number): readonly string[] {
  const { axis, runs } = scene;
  const most = Math.max(1, ...runs.flatMap(({ part }) => part.seconds.map(({ p99Ms }) => p99Ms ?? 0)));
  const line = (pick: (bar: Bar) => number | null, colour: string): readonly string[] =>
    runs
      .flatMap((run) => linesOf(barsIn(run, axis), pick))
      .map((points) => {
        const drawn = points.map(
          ({ at, ms }) => `${round(axis.x(at))},${round(y + panelHeight - (ms / most) * panelHeight)}`,
        );
        return `<polyline points="${drawn.join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linejoin="round"/>`;
      });
  return [
    ...frame(scene, y),
    ...line(({ p99Ms }) => p99Ms, colours.p99),
    ...line(({ p50Ms }) => p50Ms, colours.p50),
    ...runs.flatMap((run) => (isSilent(run) ? [silence(run, axis, y)] : [])),
    ...over(scene, y),
    ...(runs.every(isSilent)
      ? []
      : [
          text(axis.left - 8, y + 10, milliseconds(most), `text-anchor="end" ${soft}`),
          text(axis.left - 8, y + panelHeight, "0", `text-anchor="end" ${soft}`),
        ]),
    text(axis.left, y - 10, `latency: p50 blue, p99 orange, of every ${slotText(runs)}`, soft),
  ];
}

function isSilent({ part }: Run): boolean {
  return part.seconds.every(({ answered }) => answered === 0);
}

function silence({ from, to }: Run, { x }: TimeAxis, y: number): string {
  const middle = (x(from) + x(to)) / 2;
  return text(middle, y + panelHeight / 2 + 4, "nothing answered", `text-anchor="middle" ${soft}`);
}

/** "1s", or "1s to 15s" where runs differ. */
function slotText(runs: readonly Run[]): string {
  const lengths = runs.map(({ part }) => part.slotMs).toSorted((one, other) => one - other);
  return [...new Set([lengths[0], lengths.at(-1)])].map((ms) => tickText(ms ?? 1000)).join(" to ");
}

/** The deployment: shaded, and underlined where bars hide the shade. */
function frame({ axis: { x, left, right }, runs }: Scene, y: number): readonly string[] {
  return [
    ...runs.flatMap(({ part: { window }, from }) => {
      const [begin, end] = [x(from + window.fromMs), x(from + window.toMs)];
      const across = `x="${round(begin)}" width="${round(Math.max(1, end - begin))}"`;
      return [
        `<rect ${across} y="${y}" height="${panelHeight}" fill="${colours.shade}"/>`,
        `<rect ${across} y="${y + panelHeight + 1}" height="3" fill="${colours.span}"/>`,
      ];
    }),
    `<path d="M${left} ${y + panelHeight + 0.5}H${right}" ${ink.line}/>`,
  ];
}

function over({ axis, gaps }: Scene, y: number): readonly string[] {
  const band = { y, height: panelHeight };
  return [
    ...gapShapes(gaps, axis, { band, ink, says: () => "not measured" }),
    ...cutMarks(axis, y + panelHeight, ink),
  ];
}

export function axisLabels({ axis }: Scene, y: number): readonly string[] {
  return axis.ticks.map(({ x, text: content }) =>
    text(x, y, content, `text-anchor="middle" ${soft} class="tick"`),
  );
}
