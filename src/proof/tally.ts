import type { Failure } from "./failure.ts";
import { createLastings, type Lastings } from "./lasting.ts";
import { latencies, type Latencies } from "./latency.ts";
import type { FailureNote } from "./result.ts";
import { addToSlots, openSlots, type Slots } from "./slots.ts";
import { createStalls, seeBehind, type Stalls } from "./stalls.ts";
import { addSample, type Sum, sumFrom } from "./sum.ts";
import { addVersion, type Versions } from "./versions.ts";

/** Before, in and after each window. */
const notedFailures = 20;
/** How often its own lag is taken, and that it runs at all. */
export const aliveEveryMs = 10;
/** In the whole run, and between two windows: a program that calls itself anew in every answer fills no memory. */
const namedVersions = 20;
const otherVersions = "other versions";

/** One request, echo or stream and what became of it. Times in ms since the run began. */
export interface Sample {
  readonly lane: string;
  /** When it had to be sent; latency counts from here. */
  readonly dueMs: number;
  readonly endMs: number;
  readonly failure?: Failure | undefined;
  /** The failure is the prober's own: "stalled", or what it ran out of; absent: the service's. */
  readonly ownFault?: string | undefined;
  readonly detail?: string | undefined;
  readonly version?: string | undefined;
  /** False for long-lived streams, whose length is no latency. */
  readonly isTimed: boolean;
}

/** What lies between two windows, or before the first, or after the last. */
interface Stretch {
  readonly sum: Sum;
  readonly versions: Versions;
}

/** A stretch of the run that has a name: a deploy, a reload. */
export interface Window {
  readonly name: string;
  readonly fromMs: number;
  toMs: number | null;
  readonly before: Stretch;
  /** null: it is open. */
  after: Stretch | null;
  readonly during: Sum;
  readonly lanes: Map<string, Sum>;
  readonly lag: Latencies;
}

/** What one run saw, in sums: a day of it takes no more memory than a minute. summarise() makes the result of it. */
export interface Tally {
  readonly startedAt: number;
  readonly origin: number;
  readonly total: Sum;
  readonly lanes: Map<string, Sum>;
  readonly lag: Latencies;
  readonly versions: Versions;
  readonly slots: Slots[];
  readonly windows: Window[];
  /** Since the last window ended, or the run began. */
  between: Stretch;
  readonly notes: FailureNote[];
  /** Notes that may still be taken before the next window begins or ends. */
  notesLeft: number;
  lastVersion: string | null;
  /** Infinity while the run goes on; what ends later was under way then. */
  durationMs: number;
  /** Streams and WebSockets that ended cleanly and were opened again. */
  reopened: number;
  readonly lastings: Lastings;
  readonly stalls: Stalls;
}

export function createTally(): Tally {
  return {
    startedAt: Date.now(),
    origin: performance.now(),
    total: sumFrom(0),
    lanes: new Map(),
    lag: latencies(),
    versions: new Map(),
    slots: openSlots(),
    windows: [],
    between: stretchFrom(0),
    notes: [],
    notesLeft: notedFailures,
    lastVersion: null,
    durationMs: Number.POSITIVE_INFINITY,
    reopened: 0,
    lastings: createLastings(),
    stalls: createStalls(aliveEveryMs),
  };
}

function stretchFrom(fromMs: number): Stretch {
  return { sum: sumFrom(fromMs), versions: new Map() };
}

/** Ms since the run began. */
export function elapsed(tally: Tally): number {
  return performance.now() - tally.origin;
}

/** To be called when it ends, so that samples, begins and ends come in the order of their times. */
export function record(tally: Tally, told: Sample): void {
  const sample = { ...told, version: nameOf(tally.versions, told.version) };
  const { lane, dueMs, endMs, version } = sample;
  addSample(tally.total, sample);
  addSample(laneOf(tally.lanes, lane, 0), sample);
  addVersion(tally.versions, version, endMs);
  if (sample.ownFault === undefined) {
    addToSlots(tally.slots, sample, tally.durationMs);
    note(tally, sample);
  }
  tally.lastVersion = told.version ?? tally.lastVersion;
  let isInWindow = false;
  for (const window of tally.windows) {
    if (window.toMs !== null && dueMs > window.toMs) continue;
    isInWindow = true;
    addSample(window.during, sample);
    addSample(laneOf(window.lanes, lane, window.fromMs), sample);
  }
  if (isInWindow) return;
  const { sum, versions } = tally.between;
  addSample(sum, sample);
  addVersion(versions, nameOf(versions, told.version), endMs);
}

function nameOf(versions: Versions, version: string | undefined): string | undefined {
  if (version === undefined || versions.has(version) || versions.size < namedVersions) return version;
  return otherVersions;
}

function laneOf(lanes: Map<string, Sum>, name: string, fromMs: number): Sum {
  const known = lanes.get(name);
  if (known !== undefined) return known;
  const sum = sumFrom(fromMs);
  lanes.set(name, sum);
  return sum;
}

function note(tally: Tally, { lane, dueMs, endMs, failure, detail }: Sample): void {
  if (failure === undefined || tally.notesLeft === 0) return;
  tally.notesLeft--;
  tally.notes.push({ lane, dueMs, endMs, failure, detail: detail ?? "" });
}

/** How late the prober itself was with something that was due at `dueMs`. */
export function recordLag(tally: Tally, dueMs: number, lateMs: number): void {
  tally.lag.record(lateMs);
  for (const { fromMs, toMs, lag } of tally.windows)
    if (dueMs + lateMs >= fromMs && (toMs === null || dueMs <= toMs)) lag.record(lateMs);
}

/** What was due at `dueMs` still waits, because there is more to send than time for it. */
export function recordBehind(tally: Tally, dueMs: number, lateMs: number): void {
  recordLag(tally, dueMs, lateMs);
  seeBehind(tally.stalls, dueMs, dueMs + lateMs);
}

/** An open window ends. */
export function beginWindow(tally: Tally, name: string, fromMs: number): void {
  endWindow(tally, fromMs);
  const before = tally.between;
  const during = sumFrom(fromMs);
  const window = {
    name,
    fromMs,
    toMs: null,
    before,
    after: null,
    during,
    lanes: new Map(),
    lag: latencies(),
  };
  tally.windows.push(window);
  tally.notesLeft = notedFailures;
}

export function endWindow(tally: Tally, toMs: number): void {
  const open = tally.windows.at(-1);
  if (open?.toMs !== null) return;
  open.toMs = toMs;
  open.after = stretchFrom(toMs);
  tally.between = open.after;
  tally.notesLeft = notedFailures;
}

/** Nothing is sent from here on; what is under way still counts where it was due. */
export function endRun(tally: Tally, durationMs: number): void {
  tally.durationMs = durationMs;
}
