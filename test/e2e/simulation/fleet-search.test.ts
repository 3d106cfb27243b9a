import { beforeAll, describe, expect, it } from "vitest";
import { type MutantSearch, type Searched, searches } from "./searches.ts";
import { searchOnTwoCores } from "./two-cores.ts";

const mostMs = 120_000;

let answers: readonly Searched[] = [];
let wallMs = 0;

beforeAll(async () => {
  const before = performance.now();
  answers = await searchOnTwoCores(searches.length);
  wallMs = performance.now() - before;
}, 1_200_000);

const places = searches.map((one, index) => [one, index] as const);
const [mutants, others] = [places.filter(([one]) => isMutant(one)), places.filter(([one]) => !isMutant(one))];
const groups = [...new Set(others.map(([{ group }]) => group))];

function isMutant(one: (typeof searches)[number]): one is MutantSearch {
  return "mutant" in one;
}

describe.each(groups)("every interleaving of a fleet, %s", (group) => {
  const members = others.filter(([one]) => one.group === group);
  it.each(members.map(([{ fleet }, index]) => [fleet.name, index] as const))("%s", (_, index) => {
    expect(answers[index]?.violation).toBe(null);
  });
  it("is counted", () => {
    const found = members.flatMap(([, index]) => answers[index] ?? []);
    const sum = (count: (one: Searched) => number): number => found.reduce((all, one) => all + count(one), 0);
    const ends = [...new Set(found.flatMap((one) => one.ends))].sort().join(", ");
    console.log(
      `${group}: ${found.length} fleets, ${sum((one) => one.states)} states, ${sum((one) => one.recoveries)} recoveries, ` +
        `ends ${ends}, no violation, ${seconds(sum((one) => one.cpuMs))} of CPU.`,
    );
    expect(found).toHaveLength(members.length);
  });
});

describe("a safety rule of a fleet that is switched off", () => {
  it.each(mutants.map(([one, index]) => [(one as MutantSearch).mutant, one as MutantSearch, index] as const))(
    "is noticed: %s",
    (name, { caughtBy }, index) => {
      const violation = answers[index]?.violation;
      console.log(
        `${name}: caught by ${violation?.invariant}, ${violation?.trace.length} steps. ${violation?.what}`,
      );
      expect(caughtBy).toContain(violation?.invariant);
    },
  );
});

describe("the search as a whole", () => {
  it("is a million states and more, within two minutes on two cores", () => {
    const states = others.reduce((sum, [, index]) => sum + (answers[index]?.states ?? 0), 0);
    const cpuMs = answers.reduce((sum, one) => sum + one.cpuMs, 0);
    console.log(
      `Fleet search: ${states} states, ${seconds(cpuMs)} of CPU, ${seconds(wallMs)} on the clock, two processes.`,
    );
    expect(states).toBeGreaterThanOrEqual(1_000_000);
    // What else runs on the machine slows the clock, not the search.
    expect(Math.min(wallMs, cpuMs / 2)).toBeLessThan(mostMs);
  });
});

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
