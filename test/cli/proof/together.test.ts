import { expect, test } from "vitest";
import { together } from "../../../src/cli/proof/together.ts";
import { measuredRun, morning } from "../../proof/runs.ts";

const first = measuredRun({ isEnded: false });
const silent = { unmeasured: "it did not answer", fix: "See why." };
const at = morning + 60_000;

test("a run that was not measured keeps the whole from holding, and says why, also where it changed nothing", () => {
  const earlier = { id: "42", proofs: [first], unmeasured: null, isChanged: true };
  const whole = together(silent, earlier, { isEnded: true, isChanged: false, at });
  expect(whole).toMatchObject({ verdict: "inconclusive", isEnded: true });
  const reasons = "reasons" in whole ? whole.reasons : [];
  expect(reasons[0]).toBe(
    "From 10:16:02 UTC on, when it was taken up again, it was not measured: it did not answer.",
  );
  expect(reasons.join(" ")).not.toContain("was changed");
  const changed = together(silent, earlier, { isEnded: true, isChanged: true, at });
  expect(changed).toMatchObject({
    verdict: "inconclusive",
    reasons: expect.arrayContaining(["What was changed at 10:16:02 UTC was not measured."]) as unknown,
  });
});

test("a run in which there was nothing to measure, as a pause of what is paused, takes nothing from the whole", () => {
  const earlier = { id: "42", proofs: [first], unmeasured: null, isChanged: true };
  const whole = together(null, earlier, { isEnded: false, isChanged: false, at });
  expect(whole).toMatchObject({ verdict: first.verdict, isEnded: false, reasons: first.reasons });
});

test("where nothing was measured at all the last reason is told", () => {
  const earlier = { id: "42", proofs: [], unmeasured: null, isChanged: false };
  expect(together(silent, earlier, { isEnded: true, isChanged: false, at })).toBe(silent);
  expect(together(null, earlier, { isEnded: true, isChanged: false, at })).toEqual({
    unmeasured: "nothing was changed that clients could feel",
  });
});
