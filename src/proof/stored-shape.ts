import {
  fields,
  listOf,
  number,
  oneOf,
  orNull,
  recordOf,
  type Shape,
  text,
  truth,
  whole,
  within,
} from "./shape.ts";

const count = within(0, Number.MAX_SAFE_INTEGER);
const share = within(0, 1);
/** No deployment lasts a century. */
const ms = within(0, 3_200_000_000_000);
/** What a date can be made of. */
const moment = within(0, 8_640_000_000_000_000);
const times = { longestGapMs: orNull(ms), p50Ms: orNull(ms), p99Ms: orNull(ms), maxMs: orNull(ms) };
const stats = {
  sent: count,
  answered: count,
  failed: count,
  failedBy: recordOf(count),
  failureShareBelow: share,
  ...times,
};
const verdict = oneOf("holds", "masked", "broken", "inconclusive");
const atSwitch = {
  lane: text,
  what: oneOf("upload", "stream", "websocket"),
  underWay: count,
  answered: count,
  answeredBy: recordOf(count),
  ended: count,
  reopened: count,
  lostBy: recordOf(count),
  open: count,
};

/** A proof as any version kept it, all that is there; what may be missing is for others to say. */
export const proofShape: Shape = fields({
  deployment: text,
  url: text,
  unasked: listOf(whole({ service: text, why: text })),
  verdict,
  isEnded: truth,
  isTakenUp: truth,
  reasons: listOf(text),
  startedAt: moment,
  durationMs: ms,
  window: whole({ fromMs: number, toMs: number }),
  before: fields(stats),
  during: fields(stats),
  after: fields(stats),
  lanes: listOf(fields({ ...stats, lane: text })),
  resolutionMs: orNull(ms),
  lag: fields({ p50Ms: ms, p99Ms: ms, maxMs: ms }),
  balancer: orNull(whole({ retries: number, redispatches: number })),
  isUncounted: truth,
  oldAnswers: orNull(count),
  slotMs: within(1, 3_200_000_000_000),
  seconds: listOf(
    fields({
      answered: count,
      failed: count,
      p50Ms: orNull(ms),
      p99Ms: orNull(ms),
      versions: recordOf(count),
    }),
  ),
  failures: listOf(whole({ lane: text, dueMs: number, endMs: number, failure: text, detail: text })),
  atSwitch: listOf(whole(atSwitch)),
  earlier: listOf(fields({})),
  own: fields({ verdict, reasons: listOf(text) }),
});
