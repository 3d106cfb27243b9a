/** A time in which this process did not run, or not enough: stopped, without a processor, asleep. Ms since the run began. */
interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
  /** A machine that sleeps stops the clock that runs are measured with. */
  readonly lengthMs: number;
}

export interface Stalls {
  /** The last ones. */
  readonly ended: Stall[];
  readonly everyMs: number;
  seenMs: number;
  seenAt: number;
}

const leastMs = 100;
/** No server gives its clients less time than this. */
const grossMs = 1000;
const mostKept = 200;

/** To be told every `everyMs` that the process runs. */
export function createStalls(everyMs: number): Stalls {
  return { ended: [], everyMs, seenMs: 0, seenAt: Date.now() };
}

export function seeAlive(stalls: Stalls, nowMs: number, now: number = Date.now()): void {
  const stall = presentStall(stalls, nowMs, now);
  if (stall !== null) stalls.ended.push(stall);
  if (stalls.ended.length > mostKept) stalls.ended.shift();
  stalls.seenMs = nowMs;
  stalls.seenAt = now;
}

/** It runs, but something that was due at `dueMs` still waits for its turn. */
export function seeBehind({ ended }: Stalls, dueMs: number, nowMs: number): void {
  const last = ended.at(-1);
  const isSame = last !== undefined && last.toMs >= dueMs;
  const fromMs = isSame ? Math.min(last.fromMs, dueMs) : dueMs;
  if (nowMs - fromMs < leastMs) return;
  if (isSame) ended.pop();
  ended.push({ fromMs, toMs: nowMs, lengthMs: Math.max(nowMs - dueMs, isSame ? last.lengthMs : 0) });
}

/** How long since then nothing that arrived could be read. */
export function stalledMs(stalls: Stalls, sinceMs: number, nowMs: number): number {
  return stallsOf(stalls, nowMs).reduce(
    (sum, { fromMs, toMs }) => sum + Math.max(0, toMs - Math.max(fromMs, sinceMs)),
    0,
  );
}

/** It did not run for so long that what ended by `nowMs` may have gone wrong for that reason alone. */
export function isStalled(stalls: Stalls, sinceMs: number, nowMs: number): boolean {
  return stallsOf(stalls, nowMs).some(
    ({ fromMs, toMs, lengthMs }) => lengthMs >= grossMs && toMs >= sinceMs && fromMs <= nowMs,
  );
}

function stallsOf(stalls: Stalls, nowMs: number): readonly Stall[] {
  const present = presentStall(stalls, nowMs, Date.now());
  return present === null ? stalls.ended : [...stalls.ended, present];
}

/** Of which nobody was told yet: on waking, answers are read before that. */
function presentStall({ seenMs, seenAt, everyMs }: Stalls, nowMs: number, now: number): Stall | null {
  const lengthMs = Math.max(nowMs - seenMs, now - seenAt) - everyMs;
  return lengthMs < leastMs ? null : { fromMs: seenMs, toMs: nowMs, lengthMs };
}
