import { describe, expect, it } from "vitest";
import { crashEverywhere } from "../../simulation/crash.ts";
import { findFleet } from "../../simulation/fleets.ts";
import { findScenario, withFaults } from "../../simulation/scenarios.ts";

const scenarios = [
  findScenario("redeploy"),
  findScenario("php-fpm"),
  findScenario("first deploy"),
  withFaults(findScenario("two instances"), { hooks: ["after-switch"] }),
  findFleet("rolling, 2 hosts"),
  findFleet("blue-green, 2 hosts"),
  findFleet("canary, 2 hosts"),
];

describe("an operator killed at every record, and the one who recovers killed at every record too", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_, scenario) => {
    const count = await crashEverywhere(scenario, 2);
    console.log(
      `${scenario.name}: ${count.crashes} crashes, ${count.recoveries} recoveries, each to an end.`,
    );
    expect(count.crashes).toBeGreaterThan(1000);
  });
});
