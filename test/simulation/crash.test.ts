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

describe("an operator killed at every journal record", { timeout: 60_000 }, () => {
  it.each([findScenario("php-fpm and a worker"), goesBack].map((one) => [one.name, one] as const))(
    "leaves what resume and abort bring to an end: %s",
    async (_, scenario) => {
      const count = await crashEverywhere(scenario, 1);
      expect(count.crashes).toBeGreaterThan(60);
      expect(count.recoveries).toBe(2 * count.crashes);
    },
  );
});

describe("an operator of a fleet killed at every journal record", () => {
  it.each(["rolling, 2 hosts"])(
    "leaves what resume and abort bring to an end: %s",
    async (name) => {
      const count = await crashEverywhere(findFleet(name), 1);
      expect(count.recoveries).toBe(2 * count.crashes);
    },
    30_000,
  );
});
