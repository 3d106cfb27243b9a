import { expect, test } from "vitest";
import { blame } from "../../src/proof/blame.ts";
import type { Failure } from "../../src/proof/failure.ts";
import { createTally } from "../../src/proof/tally.ts";

const waking: readonly Failure[] = ["timeout", "reset", "closed", "truncated", "dns", "unreachable", "4xx"];
const said: readonly Failure[] = ["refused", "5xx", "wrong-answer", "wrong-version"];

/** What the prober, which did not run for three seconds, makes of a request of that time. */
function blamed(failure: Failure): string | undefined {
  const tally = createTally();
  tally.stalls.ended.push({ fromMs: -4000, toMs: -1000, lengthMs: 3000 });
  return blame(tally, { lane: "fresh", dueMs: -2000, endMs: -900, failure, isTimed: true }).ownFault;
}

test.each(waking)("a prober that did not run may have made up a %s by that", (failure) => {
  expect(blamed(failure)).toBe("stalled");
});

test.each(said)(
  "what the service itself answered stays its own, though the prober did not run: %s",
  (failure) => {
    expect(blamed(failure)).toBeUndefined();
  },
);

test.each([
  [900, "stalled"],
  [150, undefined],
])(
  "a request that ran out of two seconds while the prober was %s ms behind is blamed on %s",
  (behindMs, own) => {
    const nowMs = 2000;
    const tally = { ...createTally(), origin: performance.now() - nowMs };
    tally.stalls.seenMs = nowMs;
    tally.stalls.ended.push({ fromMs: 500, toMs: 500 + behindMs, lengthMs: behindMs });
    const sample = { lane: "fresh", dueMs: 0, endMs: nowMs, failure: "timeout", isTimed: true } as const;
    expect(blame(tally, sample).ownFault).toBe(own);
  },
);
