import { roundSteps, tickText } from "./axis.ts";

/** Ms since the epoch. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Time from left to right, broken where nothing happened for long, or for so short that nobody would see it. */
export interface TimeAxis {
  readonly left: number;
  readonly right: number;
  /** Where a moment stands; ms since the epoch. */
  readonly x: (at: number) => number;
  /** Told since the origin, and never so many that they cover each other. */
  readonly ticks: readonly Tick[];
  /** Where it is broken: not drawn to scale. */
  readonly cuts: readonly Stretch[];
}

interface Tick {
  readonly x: number;
  readonly text: string;
}

interface Place {
  readonly left: number;
  readonly right: number;
  /** What ticks count from; ms since the epoch. */
  readonly origin: number;
}

const leastMs = 1000;
const longCut = 96;
const shortCut = 18;
/** Share of the axis that cuts may take together. */
const mostCut = 0.4;
/** Longer than all that happened times this, together, gaps are cut, the longest first. */
const mostGap = 0.5;
const letterWidth = 7.2;
const room = 14;
const leastStep = 52;
/** A number at the right end may stand out that far. */
const edge = 15;
const mostTicks = 200;

/** A gap that is drawn in another scale than what happened; `width` in pixels. */
type Cut = Stretch & { readonly width: number };

/** The axis on which all these stretches are drawn to one scale. */
export function timeAxis(stretches: readonly Stretch[], place: Place): TimeAxis {
  const { left, right, origin } = place;
  const lively = merged(stretches);
  const first = lively[0]?.from ?? origin;
  const last = Math.max(lively.at(-1)?.to ?? origin, first + leastMs);
  const whole = { from: first, to: last };
  const cuts = cutsOf(lively, whole, right - left);
  const scale = scaleOf(whole, cuts, right - left);
  const x = (at: number): number => {
    const moment = Math.min(last, Math.max(first, at));
    const before = cuts.filter(({ from }) => from < moment);
    const jumped = before.reduce((sum, { from, to, width }) => {
      const passed = Math.min(moment, to) - from;
      return sum + (passed / (to - from)) * width - passed * scale;
    }, 0);
    return left + (moment - first) * scale + jumped;
  };
  return { left, right, x, cuts, ticks: ticksOf(between(cuts, whole), x, place) };
}

/** Pixels of a millisecond. */
function scaleOf({ from, to }: Stretch, cuts: readonly Cut[], pixels: number): number {
  const taken = cuts.reduce((sum, { width }) => sum + width, 0);
  return (pixels - taken) / (to - from - lengthOf(cuts));
}

/** In their order, those that touch as one. */
export function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const one: { from: number; to: number }[] = [];
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = one.at(-1);
    if (last === undefined || from > last.to) one.push({ from, to });
    else last.to = Math.max(last.to, to);
  }
  return one;
}

/** What of the whole lies in none of them; they are in their order and apart. */
export function between(stretches: readonly Stretch[], whole: Stretch): readonly Stretch[] {
  const ends = [whole.from, ...stretches.map(({ to }) => to)];
  const begins = [...stretches.map(({ from }) => from), whole.to];
  return ends.map((from, i) => ({ from, to: begins[i] ?? whole.to })).filter(({ from, to }) => to > from);
}

/** Long gaps are drawn shorter, and those that nobody would see longer. */
function cutsOf(lively: readonly Stretch[], whole: Stretch, pixels: number): readonly Cut[] {
  const gaps = between(lively, whole)
    .filter(({ from }) => lively.some(({ to }) => to === from))
    .toSorted((a, b) => a.to - a.from - (b.to - b.from));
  const share = (pixels * mostCut) / Math.max(1, gaps.length);
  const [longWidth, shortWidth] = [Math.min(longCut, share), Math.min(shortCut, share)];
  const mostMs = lengthOf(lively) * mostGap;
  let drawnMs = 0;
  const long = gaps.filter(({ from, to }) => (drawnMs += to - from) > mostMs);
  let cuts = long.map((gap): Cut => Object.assign({ width: longWidth }, gap));
  for (const gap of gaps.slice(0, gaps.length - long.length)) {
    if ((gap.to - gap.from) * scaleOf(whole, cuts, pixels) >= shortWidth) break;
    cuts = [...cuts, { ...gap, width: shortWidth }];
  }
  return cuts.toSorted((a, b) => a.from - b.from);
}

function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((ms, { from, to }) => ms + to - from, 0);
}

/** At the finest round step of which no two cover each other, and the beginning of what has none, where there is room. */
function ticksOf(shown: readonly Stretch[], x: TimeAxis["x"], { right, origin }: Place): readonly Tick[] {
  const tickAt = (ms: number): Tick => ({ x: x(origin + ms), text: tickText(ms) });
  const fits = (tick: Tick): boolean => tick.x + halfOf(tick) <= right + edge;
  let ticks: readonly Tick[] = [];
  for (const everyMs of roundSteps(lengthOf(shown))) {
    if (lengthOf(shown) / everyMs > mostTicks) continue;
    ticks = shown.flatMap((stretch) => roundMoments(stretch, everyMs, origin).map(tickAt)).filter(fits);
    if (ticks.every((tick, i) => isApart(ticks[i - 1], tick))) break;
  }
  const round = apart(ticks);
  const begins = shown
    .map(({ from }) => tickAt(Math.max(0, Math.round((from - origin) / 1000) * 1000)))
    .filter((begin) => fits(begin) && round.every((tick) => isApart(...inOrder(tick, begin))));
  return apart([...round, ...begins].toSorted((one, other) => one.x - other.x));
}

/** Since the origin. */
function roundMoments({ from, to }: Stretch, everyMs: number, origin: number): readonly number[] {
  const first = Math.max(0, Math.ceil((from - origin) / everyMs));
  const count = Math.max(0, Math.floor((to - origin) / everyMs) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * everyMs);
}

function inOrder(one: Tick, other: Tick): [Tick, Tick] {
  return one.x <= other.x ? [one, other] : [other, one];
}

function halfOf({ text }: Tick): number {
  return (text.length * letterWidth) / 2;
}

function isApart(one: Tick | undefined, other: Tick): boolean {
  return one === undefined || other.x - one.x >= Math.max(leastStep, halfOf(one) + room + halfOf(other));
}

function apart(ticks: readonly Tick[]): readonly Tick[] {
  const kept: Tick[] = [];
  for (const tick of ticks) if (isApart(kept.at(-1), tick)) kept.push(tick);
  return kept;
}
