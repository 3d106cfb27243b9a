import { afterAll, describe, expect, it } from "vitest";
import { crashEverywhere } from "../../simulation/crash.ts";
import { findFleet } from "../../simulation/fleets.ts";
import { findScenario, withFaults } from "../../simulation/scenarios.ts";

const afterSwitch = { hooks: ["after-switch"] } as const;
const scenarios = [
  findScenario("redeploy"),
  findScenario("php-fpm"),
  findScenario("first deploy"),
  withFaults(findScenario("two instances"), afterSwitch),
  findFleet("rolling, 2 hosts"),
  findFleet("blue-green, 2 hosts"),
  findFleet("canary, 2 hosts"),
  withFaults(findFleet("blue-green, 2 hosts"), { answer: true }),
  withFaults(findFleet("canary, 2 hosts"), afterSwitch),
];

describe("an operator killed at every record of a canary that is judged", () => {
  it.each(["canary, judged", "canary, judged, harm pauses"])("%s", async (name) => {
    const count = await crashEverywhere(findFleet(name), 1);
    expect(count.recoveries).toBe(2 * count.remains);
  });
});

describe("an operator killed at every record and effect, and the one who recovers killed at each of his too", () => {
  const total = { crashes: 0, remains: 0, recoveries: 0 };
  afterAll(() => console.log(`Crashes: ${describeCount(total)}`));

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "%s",
    async (name, scenario) => {
      const count = await crashEverywhere(scenario, 2);
      console.log(`${name}: ${describeCount(count)}`);
      for (const key of ["crashes", "remains", "recoveries"] as const) total[key] += count[key];
      expect(count.crashes).toBeGreaterThan(1000);
      expect(count.recoveries).toBe(2 * count.remains);
    },
    600_000,
  );
});

function describeCount({
  crashes,
  remains,
  recoveries,
}: Awaited<ReturnType<typeof crashEverywhere>>): string {
  return `${crashes} crashes leave ${remains} different remains; ${recoveries} recoveries, each to an end.`;
}
