import { expect, test } from "vitest";
import { proofText } from "../../../src/cli/proof/text.ts";
import { type Proof, proofOf } from "../../../src/proof/proof.ts";
import type { Sample } from "../../../src/proof/tally.ts";
import { replay } from "../../proof/replay.ts";

const load = { url: "http://shop.example.com/", timeoutMs: 5000, lanes: [] };

/** A run of ten seconds that began when something had been changed already. */
function takenUp(about: { readonly isLost?: boolean; readonly leftOut?: readonly string[] }): Proof {
  const samples = Array.from({ length: 500 }, (_, i): Sample => {
    const told = { lane: "kept", dueMs: i * 20, endMs: i * 20 + 4, isTimed: true };
    return about.isLost === true && i === 5 ? { ...told, failure: "reset", detail: "cut" } : told;
  });
  const windows = [{ name: "deployment", fromMs: 0, toMs: 9000 }];
  const result = replay({ durationMs: 10_000, samples, windows, lags: [] }, load);
  const known = { deployment: "7", url: load.url, serves: null, balancer: null, maxLagMs: 25 };
  return proofOf(result, { ...known, leftOut: about.leftOut, isEnded: true, isTakenUp: true });
}

test("a run that takes a changed deployment up has nothing before it, and can hold all the same", () => {
  const proof = takenUp({});
  expect([proof.verdict, proof.before.sent]).toEqual(["holds", 0]);
});

test("its first lost request counts, and is told from when it was taken up again", () => {
  const proof = takenUp({ isLost: true });
  expect([proof.verdict, proof.during.failed]).toEqual(["broken", 1]);
  expect(proofText(proof)).toMatch(/^ {2}104ms after it was taken up again, kept: reset, cut$/m);
  expect(proofText(proof)).not.toMatch(/first change|anything was changed/);
});

test("an address that does not answer by then is not said to have been silent before the deployment", () => {
  const { verdict, reasons } = takenUp({ leftOut: ["http://a/"] });
  expect(verdict).toBe("inconclusive");
  expect(reasons[0]).toBe("http://a/ did not answer when it was taken up again, and was not measured.");
});
