import { ticks, tickText } from "../../../proof/axis.ts";
import { shortDuration } from "../../present/duration.ts";
import type { Moment } from "../moments.ts";
import type { Report } from "../report.ts";
import type { Step } from "../steps.ts";
import { escape, px } from "./markup.ts";

const width = 960;
const leastLeft = 130;
const nameLength = 36;
const letterWidth = 6.8;
const right = 12;
const laneHeight = 14;
const rowGap = 12;
const axisHeight = 26;
const leastWidth = 3;
const markWidth = 18;
/** Moments that explain the picture; the others are in the list. */
const marked: readonly string[] = ["turn", "verdict", "mark", "stage", "claim", "command"];

interface Row {
  readonly host: string;
  /** Steps that ran at the same time lie below each other. */
  readonly lanes: readonly (readonly Step[])[];
  readonly y: number;
  readonly height: number;
}

/** Where everything stands: names to the left, times over the rest. */
interface Field {
  readonly left: number;
  readonly x: (ms: number) => number;
}

function fieldOf({ hosts, startedAt, endedAt }: Report): Field {
  const longest = Math.max(0, ...hosts.map(({ host }) => Math.min(nameLength, host.length)));
  const left = Math.max(leastLeft, Math.round(24 + longest * letterWidth));
  const spanMs = Math.max(1, endedAt - startedAt);
  return { left, x: (ms) => left + (ms / spanMs) * (width - left - right) };
}

/** Who did what when: a row for each balancer and server, a bar for each step. */
export function timelineSvg(report: Report): string {
  const spanMs = Math.max(1, report.endedAt - report.startedAt);
  const field = fieldOf(report);
  const { x } = field;
  const marks = report.moments.filter(({ kind }) => marked.includes(kind));
  const rows = rowsOf(report, marks.length === 0 ? 8 : 28);
  const last = rows.at(-1);
  const bottom = last === undefined ? 24 : last.y + last.height + rowGap / 2;
  const height = bottom + axisHeight;
  return [
    `<div class="wide"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Steps of the deployment by host">`,
    ...ticks(spanMs, 8).map((ms) => tick(x(ms), bottom, ms)),
    ...rows.flatMap((row) => rowSvg(row, field)),
    ...spread(marks.map(({ atMs }) => x(atMs))).map((circleAt, i) =>
      markSvg(marks[i], { at: x(marks[i]?.atMs ?? 0), circleAt, bottom, number: i + 1 }),
    ),
    "</svg></div>",
    ...(marks.length === 0 ? [] : [`<ol class="marks">${marks.map(markLine).join("")}</ol>`]),
  ].join("\n");
}

function rowsOf({ hosts, steps }: Report, top: number): readonly Row[] {
  const rows: Row[] = [];
  let y = top;
  for (const { host, role } of hosts) {
    const own = steps.filter(
      (step) => step.host === host && (step.layer === "traffic") === (role === "balancer"),
    );
    const lanes = lanesOf(own);
    const height = Math.max(1, lanes.length) * (laneHeight + 2);
    rows.push({ host, lanes, y, height });
    y += height + rowGap;
  }
  return rows;
}

function lanesOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const lanes: Step[][] = [];
  for (const step of steps) {
    const free = lanes.find((lane) => {
      const last = lane.at(-1);
      return last !== undefined && last.ms !== null && last.fromMs + last.ms <= step.fromMs;
    });
    if (free === undefined) lanes.push([step]);
    else free.push(step);
  }
  return lanes;
}

function rowSvg({ host, lanes, y, height }: Row, { left, x }: Field): readonly string[] {
  const name = host.length > nameLength ? `${host.slice(0, nameLength - 1)}…` : host;
  const bars = lanes.flatMap((lane, i) => lane.map((step) => barSvg(step, x, y + i * (laneHeight + 2))));
  return [
    `<rect class="row" x="${left}" y="${y - 3}" width="${width - left - right}" height="${height + 4}" rx="4"/>`,
    `<text class="host" x="${left - 12}" y="${y + 11}" text-anchor="end">${escape(name)}<title>${escape(host)}</title></text>`,
    ...bars,
  ];
}

function barSvg(step: Step, x: (ms: number) => number, y: number): string {
  const { fromMs, ms, layer, outcome, sentence, notes } = step;
  const from = x(fromMs);
  const to = ms === null ? width - right : x(fromMs + ms);
  const barWidth = Math.max(leastWidth, to - from);
  const name = outcome === "done" ? layer : "failed";
  const length = ms === null ? "never ended" : shortDuration(ms);
  const title = [`${sentence}, ${length}`, ...(outcome === "done" ? [] : [outcome]), ...notes].join("\n");
  return `<rect class="bar ${name}" x="${px(Math.min(from, width - right - barWidth))}" y="${y}" width="${px(barWidth)}" height="${laneHeight}" rx="2.5"><title>${escape(title)}</title></rect>`;
}

function tick(at: number, bottom: number, ms: number): string {
  return `<line class="grid" x1="${px(at)}" y1="14" x2="${px(at)}" y2="${bottom}"/><text class="axis" x="${px(at)}" y="${bottom + 16}" text-anchor="middle">${tickText(ms)}</text>`;
}

/** Numbers that would cover each other stand side by side. */
function spread(places: readonly number[]): readonly number[] {
  let last = Number.NEGATIVE_INFINITY;
  const pushed = places.map((at) => (last = Math.max(at, last + markWidth)));
  let next = width - right;
  return pushed
    .toReversed()
    .map((at) => {
      const fitting = Math.min(at, next);
      next = fitting - markWidth;
      return fitting;
    })
    .toReversed();
}

interface Place {
  readonly at: number;
  readonly circleAt: number;
  readonly bottom: number;
  readonly number: number;
}

function markSvg(moment: Moment | undefined, { at, circleAt, bottom, number }: Place): string {
  if (moment === undefined) return "";
  const { says, tone } = moment;
  const circle = px(circleAt);
  return `<g class="mark ${tone}"><title>${escape(says)}</title><path d="M${circle} 17L${px(at)} 22V${bottom}"/><circle cx="${circle}" cy="9" r="8"/><text x="${circle}" y="12.5" text-anchor="middle">${number}</text></g>`;
}

function markLine({ says, atMs, tone }: Moment): string {
  return `<li class="${tone}"><span class="dim">+${shortDuration(atMs)}</span> ${escape(says)}</li>`;
}
