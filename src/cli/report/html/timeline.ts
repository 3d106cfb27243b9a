import { lengthText } from "../../../proof/axis.ts";
import { cutMarks, gapShapes } from "../../../proof/svg/gaps.ts";
import { shortDuration } from "../../present/duration.ts";
import type { Moment } from "../moments.ts";
import type { Report } from "../report.ts";
import type { Step } from "../steps.ts";
import { offset } from "../words.ts";
import { escape, round as px } from "../../../proof/svg/markup.ts";
import { type Idle, ink, nameLength, type Picture, width } from "./picture.ts";

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

/** Where everything stands; moments in ms since the deployment began. */
interface Field {
  readonly left: number;
  readonly right: number;
  readonly x: (ms: number) => number;
  /** Of a step that never ended: when its run was heard of for the last time. */
  readonly endOf: (step: Step) => number;
}

function fieldOf({ startedAt, endedAt, runs }: Report, { axis }: Picture): Field {
  const { left, right } = axis;
  const endOf = ({ fromMs, ms }: Step): number => {
    if (ms !== null) return fromMs + ms;
    const next = runs.findIndex((run) => run.startedAt > startedAt + fromMs);
    return (runs.at(next === -1 ? -1 : next - 1)?.endedAt ?? endedAt) - startedAt;
  };
  return { left, right, endOf, x: (ms) => axis.x(startedAt + ms) };
}

/** Who did what when: a row for each balancer and server, a bar for each step. */
export function timelineSvg(report: Report, picture: Picture): string {
  const { axis, idle } = picture;
  const field = fieldOf(report, picture);
  const marks = report.moments.filter(({ kind }) => marked.includes(kind));
  const rows = rowsOf(report, marks.length === 0 ? 8 : 28, field);
  const last = rows.at(-1);
  const bottom = last === undefined ? 24 : last.y + last.height + rowGap / 2;
  const height = bottom + axisHeight;
  const band = { y: 22, height: bottom - 22 };
  const says = ({ from }: { readonly from: number }): string =>
    idle.find((one) => one.from === from)?.says ?? "";
  return [
    `<div class="wide"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Steps of the deployment by host">`,
    ...axis.ticks.map((one) => tick(one, bottom)),
    ...rows.flatMap((row) => rowSvg(row, field)),
    ...gapShapes(idle, axis, { band, ink, says }),
    ...rows.flatMap((row) => barsSvg(row, field)),
    ...cutMarks(axis, bottom, ink),
    ...spread(
      marks.map(({ atMs }) => field.x(atMs)),
      field,
    ).map((circleAt, i) =>
      markSvg(marks[i], { at: field.x(marks[i]?.atMs ?? 0), circleAt, bottom, number: i + 1 }),
    ),
    "</svg></div>",
    ...idleNotes(idle, picture),
    ...(marks.length === 0 ? [] : [`<ol class="marks">${marks.map(markLine).join("")}</ol>`]),
  ].join("\n");
}

/** Longer lists tell only how often and how long together. */
const mostTold = 3;

function idleNotes(idle: readonly Idle[], { axis: { cuts } }: Picture): readonly string[] {
  if (idle.length === 0) return [];
  const broken = cuts.length === 0 ? "" : " The time axis is broken there (//): not drawn to scale.";
  const told = (["paused", "interrupted"] as const).flatMap((says) =>
    sayIdle(idle.filter((one) => one.says === says)),
  );
  return [`<p class="dim note">Hatched: ${escape(told.join(", "))}.${broken}</p>`];
}

function sayIdle(alike: readonly Idle[]): readonly string[] {
  const [first] = alike;
  const all = alike.reduce((ms, { from, to }) => ms + to - from, 0);
  if (first !== undefined && alike.length > mostTold)
    return [`${first.says} ${alike.length} times, ${lengthText(all)} together`];
  return alike.map(({ from, to, says }) => `${says} for ${lengthText(to - from)}`);
}

function rowsOf({ hosts, steps }: Report, top: number, { endOf }: Field): readonly Row[] {
  const rows: Row[] = [];
  let y = top;
  for (const { host, role } of hosts) {
    const own = steps.filter(
      (step) => step.host === host && (step.layer === "traffic") === (role === "balancer"),
    );
    const lanes = lanesOf(own, endOf);
    const height = Math.max(1, lanes.length) * (laneHeight + 2);
    rows.push({ host, lanes, y, height });
    y += height + rowGap;
  }
  return rows;
}

function lanesOf(steps: readonly Step[], endOf: Field["endOf"]): readonly (readonly Step[])[] {
  const lanes: Step[][] = [];
  for (const step of steps) {
    const free = lanes.find((lane) => {
      const last = lane.at(-1);
      return last !== undefined && endOf(last) <= step.fromMs;
    });
    if (free === undefined) lanes.push([step]);
    else free.push(step);
  }
  return lanes;
}

function rowSvg({ host, y, height }: Row, { left, right }: Field): readonly string[] {
  const name = host.length > nameLength ? `${host.slice(0, nameLength - 1)}…` : host;
  return [
    `<rect class="row" x="${left}" y="${y - 3}" width="${right - left}" height="${height + 4}" rx="4"/>`,
    `<text class="host" x="${left - 12}" y="${y + 11}" text-anchor="end">${escape(name)}<title>${escape(host)}</title></text>`,
  ];
}

function barsSvg({ lanes, y }: Row, field: Field): readonly string[] {
  return lanes.flatMap((lane, i) => lane.map((step) => barSvg(step, field, y + i * (laneHeight + 2))));
}

function barSvg(step: Step, { x, right, endOf }: Field, y: number): string {
  const { fromMs, ms, layer, outcome, sentence, notes } = step;
  const from = x(fromMs);
  const to = x(endOf(step));
  const barWidth = Math.max(leastWidth, to - from);
  const isWell = outcome === "done" || outcome === "under way";
  const name = isWell ? layer : "failed";
  const length = ms !== null ? shortDuration(ms) : isWell ? "under way" : "never ended";
  const title = [`${sentence}, ${length}`, ...(isWell ? [] : [outcome]), ...notes].join("\n");
  return `<rect class="bar ${name}" x="${px(Math.min(from, right - barWidth))}" y="${y}" width="${px(barWidth)}" height="${laneHeight}" rx="2.5"><title>${escape(title)}</title></rect>`;
}

function tick({ x, text }: Picture["axis"]["ticks"][number], bottom: number): string {
  return `<line class="grid" x1="${px(x)}" y1="14" x2="${px(x)}" y2="${bottom}"/><text class="axis tick" x="${px(x)}" y="${bottom + 16}" text-anchor="middle">${text}</text>`;
}

/** Numbers that would cover each other stand side by side. */
function spread(places: readonly number[], { right }: Field): readonly number[] {
  let last = Number.NEGATIVE_INFINITY;
  const pushed = places.map((at) => (last = Math.max(at, last + markWidth)));
  let next = right;
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
  return `<li class="${tone}"><span class="dim">${offset(atMs)}</span> ${escape(says)}</li>`;
}
