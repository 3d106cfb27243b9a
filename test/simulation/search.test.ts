import { afterAll, describe, expect, it } from "vitest";
import { mutants, variantOf } from "./mutants.ts";
import { type Limits, search } from "./search.ts";
import { findScenario, production, withFaults } from "./scenarios.ts";

/** Far more than it takes, for machines that do something else too. */
const timeout = 60_000;
const small: Limits = { operators: 2, deaths: 0, losses: 0 };

/** The full size, with deaths, late replies and a third operator, is in test/e2e/simulation. */
const names = ["first deploy", "two instances, one extra", "php-fpm"];
const withDeath = ["redeploy", "two services", "worker", "rollback", "recreate", "two hosts"];

describe("every interleaving of two operators", { timeout }, () => {
  let states = 0;
  afterAll(() => console.log(`Exhaustive search, small size: ${states} states without a violation.`));

  it.each(names)("%s", (name) => {
    const found = search(findScenario(name), production, small);
    states += found.states;
    expect(found.violation).toBe(null);
    expect([...found.ends]).toEqual(expect.arrayContaining(["new", "old"]));
  });
});

describe("one operator and an instance that dies at any moment", { timeout }, () => {
  it.each(withDeath)("%s", (name) => {
    expect(search(findScenario(name), production, { operators: 1, deaths: 1 }).violation).toBe(null);
  });
});

describe("a safety rule that is switched off", { timeout }, () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))("is noticed: %s", (_, mutant) => {
    const found = findScenario(mutant.scenario);
    const scenario = mutant.faults === undefined ? found : withFaults(found, mutant.faults);
    const { violation } = search(scenario, variantOf(mutant), { ...small, ...mutant.limits });
    expect(mutant.caughtBy).toContain(violation?.invariant);
  });
});
