import { expect, test } from "vitest";
import { type Change, partsOf, unmeasuredOf, withEarlier } from "../../src/proof/parts.ts";
import type { Proof } from "../../src/proof/proof.ts";

const nothing = {
  sent: 0,
  answered: 0,
  failed: 0,
  failedBy: {},
  failureShareBelow: 1,
  longestGapMs: null,
  p50Ms: null,
  p99Ms: null,
  maxMs: null,
};

/** Ten seconds from `second` on. */
function part(second: number, verdict: Proof["verdict"], reason: string): Proof {
  return {
    deployment: "7",
    url: "http://shop.example.com/",
    verdict,
    isEnded: true,
    reasons: [reason],
    startedAt: second * 1000,
    durationMs: 10_000,
    window: { fromMs: 1000, toMs: 9000 },
    before: nothing,
    during: nothing,
    after: nothing,
    lanes: [],
    resolutionMs: null,
    lag: { p50Ms: 0, p99Ms: 0, maxMs: 0 },
    balancer: null,
    oldAnswers: null,
    slotMs: 1000,
    seconds: [],
    failures: [],
  };
}

/** In seconds. */
function changed(from: number, to: number | null): Change {
  return { from: from * 1000, to: to === null ? null : to * 1000 };
}

test("a deployment that was taken up again holds when both parts hold and every change was measured", () => {
  const first = part(100, "holds", "None lost.");
  const whole = withEarlier(part(200, "holds", "None lost."), { proofs: [first], unmeasured: null });
  expect([whole.verdict, whole.earlier]).toEqual(["holds", [first]]);
});

test("what an earlier part lost is not forgotten", () => {
  const first = part(100, "broken", "3 of 90 requests were lost.");
  const whole = withEarlier(part(200, "holds", "None lost."), { proofs: [first], unmeasured: null });
  expect(whole.verdict).toBe("broken");
  expect(whole.reasons).toEqual([
    "Until 00:01:50 UTC, before it was taken up again: 3 of 90 requests were lost.",
    "From 00:03:20 UTC on, when it was taken up again: None lost.",
  ]);
});

test("each run that lost something is told, not only one of them", () => {
  const proofs = [part(100, "broken", "3 of 90 requests were lost."), part(150, "holds", "None lost.")];
  const whole = withEarlier(part(200, "broken", "1 of 90 requests were lost."), { proofs, unmeasured: null });
  expect(whole.reasons).toEqual([
    "Until 00:01:50 UTC, before it was taken up again: 3 of 90 requests were lost.",
    "From 00:03:20 UTC on, when it was taken up again: 1 of 90 requests were lost.",
  ]);
});

test("a change that was wanted before the prober ran waited for it, in the same hands", () => {
  const proofs = [part(100, "holds", "")];
  const wanted = changed(99, 103);
  const at = (from: number, to: number): Change["run"] => ({ from: from * 1000, to: to * 1000 });
  expect(unmeasuredOf([wanted], proofs)).toEqual({ from: 99_000, to: 103_000 });
  expect(unmeasuredOf([{ ...wanted, run: at(98, 120) }], proofs)).toBeNull();
  expect(unmeasuredOf([{ ...wanted, to: 111_000, run: at(98, 120) }], proofs)).not.toBeNull();
  expect(unmeasuredOf([{ ...changed(90, 92), run: at(89, 95) }], proofs)).not.toBeNull();
});

test("what a run has to say for itself carries its time", () => {
  const last = { ...part(200, "inconclusive", "Starved."), reasons: ["Starved.", "None lost."] };
  const whole = withEarlier(last, { proofs: [part(100, "holds", "None lost.")], unmeasured: null });
  expect(whole.reasons).toEqual([
    "From 00:03:20 UTC on, when it was taken up again: Starved.",
    "From 00:03:20 UTC on: None lost.",
  ]);
});

test("a proof over several runs that holds says so of all of them", () => {
  const asked = { ...nothing, sent: 1200, answered: 1200 };
  const proofs = [{ ...part(100, "holds", "None lost."), during: asked }];
  const whole = withEarlier(
    { ...part(200, "holds", "None lost."), during: asked },
    { proofs, unmeasured: null },
  );
  expect(whole.reasons[0]).toBe("Nothing was lost in any of 2 runs: 0 of 2,400 requests.");
});

test("a third run finds the first two as each of them was measured", () => {
  const first = part(100, "broken", "3 of 90 requests were lost.");
  const second = part(150, "holds", "None lost.");
  const kept = withEarlier(second, { proofs: [first], unmeasured: { from: 105_000, to: 106_000 } });
  expect(partsOf(kept)).toEqual([first, second]);
  const whole = withEarlier(part(200, "holds", "None."), { proofs: partsOf(kept), unmeasured: null });
  expect(whole.earlier).toEqual([first, second]);
  expect(whole.reasons).toEqual([
    "Until 00:01:50 UTC, before it was taken up again: 3 of 90 requests were lost.",
    "From 00:03:20 UTC on, when it was taken up again: None.",
  ]);
});

test("changes that nobody measured make it inconclusive, and a loss stays a loss", () => {
  const proofs = [part(100, "holds", "")];
  const changes = [changed(90, 91), changed(94, 95), changed(105, 106)];
  const unmeasured = unmeasuredOf(changes, proofs);
  expect(unmeasured).toEqual({ from: 90_000, to: 95_000 });
  const whole = withEarlier(part(200, "holds", "None lost."), { proofs: [], unmeasured });
  expect([whole.verdict, whole.reasons[0]]).toEqual([
    "inconclusive",
    "What was changed from 00:01:30 to 00:01:35 UTC was not measured.",
  ]);
  expect(withEarlier(part(200, "broken", "Lost."), { proofs: [], unmeasured }).reasons[0]).toBe("Lost.");
  expect(unmeasuredOf([changed(105, 106)], proofs)).toBeNull();
  expect(unmeasuredOf([changed(109, 111)], proofs)).toEqual({ from: 109_000, to: 111_000 });
  expect(unmeasuredOf([changed(105, null)], proofs)).toEqual({ from: 105_000, to: 105_000 });
  const once = withEarlier(part(200, "holds", "None lost."), {
    proofs: [],
    unmeasured: { from: 90_100, to: 90_900 },
  });
  expect(once.reasons[0]).toBe("What was changed at 00:01:30 UTC was not measured.");
});
