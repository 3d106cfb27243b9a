import type { Faults } from "../../../src/plan/simulate/world.ts";
import { fleetMutants } from "../../simulation/fleet-mutants.ts";
import { findFleet, fleets } from "../../simulation/fleets.ts";
import { variantOf } from "../../simulation/mutants.ts";
import { production, withFaults } from "../../simulation/scenarios.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { type Found, type Limits, search } from "../../simulation/search.ts";
import type { Variant } from "../../simulation/model.ts";

/** One exhaustive search, to its end. */
export interface Search {
  /** What is searched together: who may interfere. */
  readonly group: string;
  readonly fleet: Scenario;
  readonly limits: Limits;
  readonly variant: Variant;
}

/** A safety rule is switched off; must be noticed by one of `caughtBy`. */
export interface MutantSearch extends Search {
  readonly mutant: string;
  readonly caughtBy: readonly string[];
}

const badReleases: readonly Faults[] = [
  { build: true },
  { boot: true },
  { answer: true },
  { hooks: ["after-switch"] },
];
const rolling = findFleet("rolling, 2 hosts");
const halves = findFleet("blue-green, 2 hosts");
const four = [rolling, halves, findFleet("canary, 2 hosts"), findFleet("recreate, 2 hosts")];
const bad = four.flatMap((fleet) => badReleases.map((faults) => withFaults(fleet, faults)));
const upTo = (most: number, ...more: readonly string[]): readonly Scenario[] =>
  fleets.filter(({ goal, name }) => goal.hosts.length <= most || more.includes(name));

/**
 * Three operators are searched with the effects of a decision in the order of the list, and so are two of a fleet of more
 * than two hosts: every order of six effects and of their outcomes is three to the sixth for each of them.
 */
const groups: readonly (readonly [string, Limits, readonly Scenario[]])[] = [
  ["three operators", { operators: 3, order: "listed" }, [rolling, halves, findFleet("recreate, 2 hosts")]],
  ["two operators, a lost or late reply", { operators: 2, losses: 1, order: "listed" }, [rolling]],
  ["two operators, a host or balancer cut off", { operators: 2, cuts: 1, order: "listed" }, [halves]],
  ["two operators, a wish from another terminal", { operators: 2, wishes: 1, order: "listed" }, [rolling]],
  ["two operators, a host that restarts", { operators: 2, reboots: 1, order: "listed" }, [halves]],
  ["two operators", { operators: 2, order: "listed" }, fleets],
  ["two operators, every order of effects", { operators: 2 }, upTo(2)],
  ["two operators, a bad release", { operators: 2 }, bad],
  ["a bad release, two instances that die", { operators: 1, deaths: 2, order: "listed" }, bad],
  ["a bad release, a host that restarts", { operators: 1, reboots: 1, order: "listed" }, bad],
  [
    "an instance that dies",
    { operators: 1, deaths: 1, order: "listed" },
    upTo(4, "rolling, 6 hosts, 2 balancers"),
  ],
  [
    "a host that restarts",
    { operators: 1, reboots: 1, order: "listed" },
    upTo(4, "blue-green, 6 hosts, 2 balancers"),
  ],
  ["a lost or late reply", { operators: 1, losses: 1, order: "listed" }, fleets],
  ["a host or balancer cut off", { operators: 1, cuts: 1, order: "listed" }, fleets],
  ["a wish from another terminal", { operators: 1, wishes: 1, order: "listed" }, fleets],
  ["every order of effects", { operators: 1 }, upTo(5)],
];

const whole = groups.flatMap(([group, limits, list]) =>
  list.map((fleet): Search => ({ group, fleet, limits, variant: production })),
);

const mutants = fleetMutants.map((mutant): MutantSearch => {
  const fleet = findFleet(mutant.scenario);
  return {
    group: "a safety rule switched off",
    fleet: mutant.faults === undefined ? fleet : withFaults(fleet, mutant.faults),
    limits: { operators: 2, ...mutant.limits },
    variant: variantOf(mutant),
    mutant: mutant.name,
    caughtBy: mutant.caughtBy,
  };
});

/**
 * Those of the mutants with every rule on, as far as they are not among the others, so that a mutant is caught for what it
 * changes and not for what its search does.
 */
const controls = mutants
  .map(({ fleet, limits }): Search => ({ group: "no rule switched off", fleet, limits, variant: production }))
  .filter((one, index, all) => ![...whole, ...all.slice(0, index)].some((other) => isSame(one, other)));

function isSame(one: Search, other: Search): boolean {
  const names = new Set([...Object.keys(one.limits), ...Object.keys(other.limits)] as (keyof Limits)[]);
  const areLimits = [...names].every((name) => one.limits[name] === other.limits[name]);
  return one.fleet.name === other.fleet.name && areLimits;
}

export const searches: readonly (Search | MutantSearch)[] = [...whole, ...mutants, ...controls];

export interface Searched extends Omit<Found, "ends"> {
  readonly ends: readonly string[];
  readonly cpuMs: number;
}

/** Runs the search at `index` of `searches`. */
export function runSearch(index: number): Searched {
  const one = searches[index];
  if (one === undefined) throw new Error(`There is no search ${index}.`);
  const before = process.cpuUsage();
  const { ends, ...found } = search(one.fleet, one.variant, one.limits);
  const { user, system } = process.cpuUsage(before);
  return { ...found, ends: [...ends], cpuMs: (user + system) / 1000 };
}
