import { expect, test } from "vitest";
import { proofText } from "../../src/cli/proof/text.ts";
import type { Proof } from "../../src/proof/proof.ts";
import { storedProof } from "../../src/proof/stored.ts";
import { proofSvg } from "../../src/proof/svg.ts";
import { measuredRun, measuredRuns } from "./runs.ts";

function without(proof: object, ...fields: readonly string[]): unknown {
  const kept: unknown = JSON.parse(
    JSON.stringify(proof, (name, value: unknown) => (fields.includes(name) ? undefined : value)),
  );
  return kept;
}

function restored(kept: unknown): Proof {
  const stored = storedProof(kept);
  if ("proof" in stored) return stored.proof;
  throw new Error(`lacks ${stored.lacks.join(", ")}`);
}

test("a proof comes back as it was kept, with all its runs", () => {
  for (const proof of [measuredRun(), measuredRuns({}, { at: 60_000 })])
    expect(restored(without(proof))).toEqual(without(proof));
});

test("before the length of a slot was kept it was a second", () => {
  const proof = measuredRuns({}, { at: 60_000 });
  const old = restored(without(proof, "slotMs"));
  expect(proofSvg(old)).toBe(proofSvg(proof));
  expect(old.reasons).toEqual(proof.reasons);
});

test.each([
  "isEnded",
  "reasons",
  "lag",
  "lanes",
  "seconds",
  "failures",
  "durationMs",
  "resolutionMs",
  "p99Ms",
])("a proof without %s is drawn and told all the same", (field) => {
  const proof = restored(without(measuredRuns({}, { at: 60_000 }), field));
  for (const text of [proofSvg(proof), proofText(proof)]) expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test("what the version that kept it did not tell is said", () => {
  expect(restored(without(measuredRun(), "lag", "lanes")).reasons.at(-1)).toBe(
    "Another version of cutover kept this proof, which does not tell: lag, lanes.",
  );
});

test("what cannot be a proof says what it lacks", () => {
  expect(storedProof(without(measuredRun(), "during", "verdict"))).toEqual({ lacks: ["verdict", "during"] });
  expect(storedProof({ ...measuredRun(), earlier: [{}] })).toMatchObject({
    lacks: ["verdict", "startedAt", "window", "before", "during", "after"],
  });
  for (const nothing of [null, [], 7, "proof"]) expect(storedProof(nothing)).toHaveProperty("lacks");
});
