import { afterAll, describe, expect, it } from "vitest";
import type { Faults } from "../../../src/plan/simulate/world.ts";
import { fleetMutants } from "../../simulation/fleet-mutants.ts";
import { findFleet, fleets } from "../../simulation/fleets.ts";
import { production, withFaults } from "../../simulation/scenarios.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { type Limits, search } from "../../simulation/search.ts";

const badReleases: readonly Faults[] = [
  { build: true },
  { boot: true },
  { answer: true },
  { hooks: ["after-switch"] },
];
const small = ["rolling, 2 hosts", "blue-green, 2 hosts", "canary, 2 hosts", "recreate, 2 hosts"];
const withThree = ["rolling, 2 hosts", "blue-green, 2 hosts"];
const interfered = ["rolling, 2 hosts", "blue-green, 2 hosts"];

/** What is searched: who may interfere, and with which fleets. */
const searches: readonly (readonly [string, Limits, readonly Scenario[]])[] = [
  ["two operators", { operators: 2 }, fleets],
  ["an instance that dies", { operators: 1, deaths: 1 }, fleets],
  ["a lost or late reply", { operators: 1, losses: 1 }, fleets],
  ["a host or balancer cut off", { operators: 1, cuts: 1 }, fleets],
  ["a wish from another terminal", { operators: 1, wishes: 1 }, fleets],
  ["two operators, a lost or late reply", { operators: 2, losses: 1 }, interfered.map(findFleet)],
  ["two operators, a cut", { operators: 2, cuts: 1 }, interfered.map(findFleet)],
  ["two operators, a wish", { operators: 2, wishes: 1 }, interfered.map(findFleet)],
  [
    "two operators, a bad release",
    { operators: 2 },
    small.map(findFleet).flatMap((one) => badReleases.map((bad) => withFaults(one, bad))),
  ],
  ["three operators", { operators: 3 }, withThree.map(findFleet)],
];

let total = 0;

describe.each(searches)("every interleaving of a fleet with %s", (name, limits, list) => {
  let states = 0;
  let recoveries = 0;
  afterAll(() => {
    total += states;
    console.log(`Fleet, ${name}: ${states} states, ${recoveries} recoveries, no violation.`);
  });

  it.each(list.map((fleet) => [fleet.name, fleet] as const))("%s", (_, fleet) => {
    const found = search(fleet, production, limits);
    states += found.states;
    recoveries += found.recoveries;
    expect(found.violation).toBe(null);
  });
});

/** So that a mutant is caught for what it changes, and not for what its search does. */
describe("with every safety rule on, nothing is noticed where a mutant was caught", () => {
  it.each(fleetMutants.map((mutant) => [mutant.name, mutant] as const))("%s", (_, mutant) => {
    const fleet = withFaults(findFleet(mutant.scenario), mutant.faults ?? {});
    expect(search(fleet, production, { operators: 2, ...mutant.limits }).violation).toBe(null);
  });
});

describe("the size of the search", () => {
  it("is a million states and more", () => {
    console.log(`Fleet search: ${total} states in all.`);
    expect(total).toBeGreaterThanOrEqual(1_000_000);
  });
});
