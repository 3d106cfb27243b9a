import { tickText } from "../../../proof/axis.ts";
import { answersOf, type Bar, barsOf, linesOf, type Shade, shadesOf } from "../../../proof/bars.ts";
import { gapNotes, type Run } from "../../../proof/runs.ts";
import { cutMarks, gapShapes } from "../../../proof/svg/gaps.ts";
import { milliseconds } from "../words.ts";
import { escape, round as px } from "../../../proof/svg/markup.ts";
import { ink, type Picture, width } from "./picture.ts";

const panel = 130;
const top = 10;
const bottom = 26;
/** Narrower bars cannot be told apart. */
const leastBar = 3.5;

/** Of releases, in the style sheet. */
const colourCount = 6;

function barsIn(run: Run, { axis: { x } }: Picture): readonly Bar[] {
  return barsOf(run, (x(run.to) - x(run.from)) / leastBar);
}

/** "second by second", or how long each bar is. */
export function barText(picture: Picture): string {
  const lengths = picture.runs.map((run) => {
    const [first] = barsIn(run, picture);
    return first === undefined ? 1000 : Math.max(run.part.slotMs, first.to - first.from);
  });
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  if (most <= 1500) return "second by second";
  return `in steps of ${[...new Set([least, most])].map((ms) => tickText(Math.round(ms / 1000) * 1000)).join(" to ")}`;
}

/** What the hatched stretches are. */
export function unmeasuredNotes({ unmeasured, axis, runs }: Picture): readonly string[] {
  return gapNotes(unmeasured, axis, runs);
}

/** Who answered, as shares of each bar, what was lost on top. */
export function shareSvg(picture: Picture): string {
  const shades = shadesOf(picture.runs, colourCount);
  const bars = picture.runs.flatMap((run) => barsIn(run, picture));
  const isUntold = bars.some(({ answered, versions: told }) => answered > sumOf(told));
  const untold =
    shades.length === 0
      ? "answered; the program does not tell its release"
      : "answered without telling its release";
  const legend = [
    ...shades.map(({ name }, i) => [name, `v${i}`] as const),
    ...(isUntold ? [[untold, "none"] as const] : []),
    ["lost", "lost"] as const,
  ];
  return [
    frame("Share of the answers by release", picture),
    ...scaleTexts("100%", picture.axis.left),
    ...bars.flatMap((bar) => shareBars(bar, shades, picture)),
    ...over(picture),
    "</svg></div>",
    `<ul class="legend">${legend.map(([text, name]) => `<li><i class="${name}"></i>${escape(text)}</li>`).join("")}</ul>`,
  ].join("\n");
}

function sumOf(versions: Bar["versions"]): number {
  return Object.values(versions).reduce((sum, count) => sum + count, 0);
}

function shareBars(bar: Bar, shades: readonly Shade[], { axis: { x } }: Picture): readonly string[] {
  const total = bar.answered + bar.failed;
  if (total === 0) return [];
  const parts: readonly (readonly [number, string, string])[] = [
    ...shades.map((shade, i) => [answersOf(bar, shade), `v${i}`, shade.name] as const),
    [Math.max(0, bar.answered - sumOf(bar.versions)), "none", "answered"],
    [bar.failed, "lost", "lost"],
  ];
  const [from, to] = [x(bar.from), x(bar.to)];
  // Narrow ones overlap a little, else light shines through between them.
  const barWidth = to - from + (to - from > 6 ? -1 : 0.4);
  let base = top + panel;
  return parts.flatMap(([count, name, says]) => {
    if (count === 0) return [];
    const isLost = name === "lost";
    // One lost request among thousands has to be seen.
    const height = Math.max(isLost ? 3 : 0, (count / total) * panel);
    base = Math.max(top, base - height);
    return [
      `<rect class="${name}" x="${px(from)}" y="${px(base)}" width="${px(Math.max(isLost ? 2 : 0, barWidth))}" height="${px(height)}"><title>${escape(says)}: ${count} of ${total}</title></rect>`,
    ];
  });
}

/** p50 and p99 of each bar. */
export function latencySvg(picture: Picture): string {
  const { axis, runs } = picture;
  const bars = runs.map((run) => barsIn(run, picture));
  const most = Math.max(1, ...bars.flat().map(({ p99Ms }) => p99Ms ?? 0));
  const line = (name: string, pick: (bar: Bar) => number | null): readonly string[] =>
    bars
      .flatMap((own) => linesOf(own, pick))
      .map((points) => {
        const drawn = points.map(
          ({ at, ms }) => `${px(axis.x(at))},${px(top + panel - (ms / most) * panel)}`,
        );
        return `<polyline class="line ${name}" points="${drawn.join(" ")}"/>`;
      });
  const silent = runs.filter(({ part }) => part.seconds.every(({ answered }) => answered === 0));
  return [
    frame("Latency of the answers", picture),
    ...(silent.length === runs.length ? [] : scaleTexts(milliseconds(most), axis.left)),
    ...line("p99", ({ p99Ms }) => p99Ms),
    ...line("p50", ({ p50Ms }) => p50Ms),
    ...silent.map(
      ({ from, to }) =>
        `<text class="axis" x="${px((axis.x(from) + axis.x(to)) / 2)}" y="${top + panel / 2}" text-anchor="middle">nothing answered</text>`,
    ),
    ...over(picture),
    "</svg></div>",
    '<ul class="legend"><li><i class="p50"></i>p50</li><li><i class="p99"></i>p99</li></ul>',
  ].join("\n");
}

function scaleTexts(most: string, left: number): readonly string[] {
  return [
    `<text class="axis" x="${left - 8}" y="${top + 9}" text-anchor="end">${most}</text>`,
    `<text class="axis" x="${left - 8}" y="${top + panel}" text-anchor="end">0</text>`,
  ];
}

/** Axis and the deployment as a shade; leaves the svg open. */
function frame(label: string, { axis: { x, left, right, ticks }, runs }: Picture): string {
  return [
    `<div class="wide"><svg viewBox="0 0 ${width} ${top + panel + bottom}" role="img" aria-label="${escape(label)}">`,
    ...runs.flatMap(({ part: { window }, from }) => {
      const [begin, end] = [x(from + window.fromMs), x(from + window.toMs)];
      return [
        `<rect class="window" x="${px(begin)}" y="${top}" width="${px(Math.max(1, end - begin))}" height="${panel}"/>`,
        `<rect class="span" x="${px(begin)}" y="${top + panel + 1}" width="${px(Math.max(2, end - begin))}" height="3" rx="1.5"/>`,
      ];
    }),
    `<line class="grid" x1="${left}" y1="${top + panel}" x2="${right}" y2="${top + panel}"/>`,
    ...ticks.map(
      (tick) =>
        `<text class="axis tick" x="${px(tick.x)}" y="${top + panel + 19}" text-anchor="middle">${tick.text}</text>`,
    ),
  ].join("\n");
}

function over({ axis, unmeasured }: Picture): readonly string[] {
  const band = { y: top, height: panel };
  return [
    ...gapShapes(unmeasured, axis, { band, ink, says: () => "not measured" }),
    ...cutMarks(axis, top + panel, ink),
  ];
}
