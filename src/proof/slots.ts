import { latencies, type Latencies } from "./latency.ts";
import type { Second } from "./result.ts";
import type { Sample } from "./tally.ts";

/** Lengths of a slot: the shortest is taken of which there are not too many. */
const lengthsMs: readonly number[] = [1, 5, 15, 60, 300, 3600].map((seconds) => seconds * 1000);
const mostSlots = 900;

/** The run in slots of one length. Only the present slot is more than its figures. */
export interface Slots {
  readonly everyMs: number;
  readonly ended: Second[];
  answered: number;
  failed: number;
  readonly times: Latencies;
  versions: Record<string, number>;
}

/** The run in slots of each length that may be wanted in the end. */
export function openSlots(): Slots[] {
  return lengthsMs.map((everyMs) => ({
    everyMs,
    ended: [],
    answered: 0,
    failed: 0,
    times: latencies(),
    versions: {},
  }));
}

/** Samples come in the order of their ends; what ends after `untilMs` belongs to the last slot before it. */
export function addToSlots(all: Slots[], sample: Sample, untilMs: number): void {
  const { failure, isTimed, dueMs, endMs, version } = sample;
  goTo(all, endMs, untilMs);
  for (const slots of all) {
    if (failure !== undefined) slots.failed++;
    else {
      slots.answered++;
      if (version !== undefined) slots.versions[version] = (slots.versions[version] ?? 0) + 1;
      if (isTimed) slots.times.record(endMs - dueMs);
    }
  }
}

/** The finest there is of a run that lasted `durationMs`. */
export function secondsOf(
  all: Slots[],
  durationMs: number,
): { readonly slotMs: number; readonly seconds: readonly Second[] } {
  goTo(all, durationMs, durationMs);
  const [finest] = all;
  if (finest === undefined) throw new Error("there is always a longer slot");
  return { slotMs: finest.everyMs, seconds: durationMs > 0 ? [...finest.ended, presentOf(finest)] : [] };
}

/** Ends the slots before that of `ms`, and gives up the lengths that have become too many. */
function goTo(all: Slots[], ms: number, untilMs: number): void {
  const indexIn = ({ everyMs }: Slots): number =>
    Math.min(Math.floor(ms / everyMs), Math.ceil(untilMs / everyMs) - 1);
  while (all.length > 1 && all[0] !== undefined && indexIn(all[0]) >= mostSlots) all.shift();
  for (const slots of all) {
    const index = indexIn(slots);
    while (slots.ended.length < index) {
      slots.ended.push(presentOf(slots));
      slots.answered = 0;
      slots.failed = 0;
      slots.times.clear();
      slots.versions = {};
    }
  }
}

function presentOf({ answered, failed, times, versions }: Slots): Second {
  return { answered, failed, p50Ms: times.at(0.5), p99Ms: times.at(0.99), versions };
}
