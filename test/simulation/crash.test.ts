import { describe, expect, it } from "vitest";
import { crashEverywhere } from "./crash.ts";
import { findFleet } from "./fleets.ts";
import { allHooks, makeScenario, makeService, makeSpec } from "./scenario.ts";
import { findScenario } from "./scenarios.ts";

const two = makeService("web", { instances: 2 });
const goesBack = makeScenario("goes back from the switch", {
  spec: makeSpec([two], { surge: 1, hooks: allHooks }),
  faults: { hooks: ["after-switch"] },
});
const scenarios = [
  findScenario("php-fpm and a worker"),
  goesBack,
  findFleet("rolling, 2 hosts"),
  findFleet("blue-green, 2 hosts"),
  findFleet("canary, 2 hosts"),
];

/** Recoveries that are killed themselves are in test/e2e/simulation. */
describe(
  "an operator killed before, in and after every journal record and effect",
  { timeout: 60_000 },
  () => {
    it.each(scenarios.map((one) => [one.name, one] as const))(
      "leaves what resume and abort bring to an end: %s",
      async (_, scenario) => {
        const count = await crashEverywhere(scenario, 1);
        expect(count.crashes).toBeGreaterThan(100);
        expect(count.recoveries).toBe(2 * count.remains);
      },
    );
  },
);
