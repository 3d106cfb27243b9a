import { afterAll, describe, expect, it } from "vitest";
import type { Faults } from "../../../src/plan/simulate/world.ts";
import { mutants } from "../../simulation/mutants.ts";
import { type Limits, search } from "../../simulation/search.ts";
import { findScenario, production, scenarios, withFaults } from "../../simulation/scenarios.ts";
import type { Scenario } from "../../simulation/scenario.ts";

const badReleases: readonly Faults[] = [
  { build: true },
  { check: true },
  { migrate: true },
  { boot: true },
  { hooks: ["before-switch"] },
  { hooks: ["after-switch"] },
  { boot: true, hooks: ["on-failure"] },
];

const withBadRelease = [
  "first deploy",
  "redeploy",
  "two instances, one extra",
  "two services",
  "php-fpm",
  "rollback",
  "recreate",
];
const withLateReplies = [...withBadRelease, "worker", "two hosts"];
const withThree = ["first deploy", "two instances", "php-fpm", "rollback"];

/** What is searched: who may interfere, and with which scenarios. */
const searches: readonly (readonly [string, Limits, readonly Scenario[]])[] = [
  ["two operators, a death", { operators: 2, deaths: 1, losses: 0 }, scenarios],
  [
    "two operators, a lost or late reply",
    { operators: 2, deaths: 0, losses: 1 },
    withLateReplies.map(findScenario),
  ],
  ["three operators", { operators: 3, deaths: 0, losses: 0 }, withThree.map(findScenario)],
  [
    "two operators, a death, a bad release",
    { operators: 2, deaths: 1, losses: 0 },
    withBadRelease.map(findScenario).flatMap((one) => badReleases.map((bad) => withFaults(one, bad))),
  ],
];

describe.each(searches)("every interleaving of %s", (name, limits, list) => {
  let states = 0;
  let recoveries = 0;
  afterAll(() => console.log(`${name}: ${states} states, ${recoveries} recoveries, no violation.`));

  it.each(list.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
    const found = search(scenario, production, limits);
    states += found.states;
    recoveries += found.recoveries;
    expect(found.violation).toBe(null);
  });
});

/** So that a mutant is caught for what it changes, and not for what its search does. */
describe("with every safety rule on, nothing is noticed where a mutant was caught", () => {
  const own = mutants.map(({ scenario, faults = {}, limits }) => {
    const all: Limits = { operators: 2, deaths: 0, losses: 0, ...limits };
    const described = `${scenario} ${JSON.stringify(faults)} ${JSON.stringify(all)}`;
    return [described, { scenario: withFaults(findScenario(scenario), faults), limits: all }] as const;
  });

  it.each([...new Map(own)])("%s", (_, { scenario, limits }) => {
    expect(search(scenario, production, limits).violation).toBe(null);
  });
});
