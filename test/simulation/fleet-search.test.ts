import { describe, expect, it } from "vitest";
import { fleetMutants } from "./fleet-mutants.ts";
import { findFleet } from "./fleets.ts";
import { variantOf } from "./mutants.ts";
import { search } from "./search.ts";
import { production, withFaults } from "./scenarios.ts";

/** The full size is in test/e2e/simulation. */
const names = [
  "rolling, a new host",
  "blue-green, judged",
  "canary, judged, harm pauses",
  "converge, a host behind",
];
/** Far more than it takes, for machines that do something else too. */
const timeout = 60_000;

describe("one operator who may die anywhere, and a wish from another terminal", { timeout }, () => {
  it.each(names)("%s", (name) => {
    const found = search(findFleet(name), production, { operators: 1, wishes: 1 });
    expect(found.violation).toBe(null);
    expect([...found.ends]).toEqual(expect.arrayContaining(["new", "old", "paused"]));
  });
});

describe("a safety rule of a fleet that is switched off", { timeout }, () => {
  it.each(fleetMutants.map((mutant) => [mutant.name, mutant] as const))("is noticed: %s", (_, mutant) => {
    const fleet = findFleet(mutant.scenario);
    const scenario = mutant.faults === undefined ? fleet : withFaults(fleet, mutant.faults);
    const { violation } = search(scenario, variantOf(mutant), { operators: 2, ...mutant.limits });
    expect(mutant.caughtBy).toContain(violation?.invariant);
  });
});
