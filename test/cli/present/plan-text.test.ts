import { describe, expect, it } from "vitest";
import { planText } from "../../../src/cli/present/plan-text.ts";
import { planDeployment } from "../../../src/plan/plan.ts";
import { observeWorld } from "../../../src/plan/simulate/world.ts";
import type { RolloutSpec } from "../../../src/plan/spec.ts";
import { makeFleet } from "../../simulation/fleets.ts";
import { makeScenario, makeService, makeSpec } from "../../simulation/scenario.ts";

function textOf(rollout: Partial<RolloutSpec>, count: number, change: object = {}): string {
  const hosts = Array.from({ length: count }, (_, index) => `web${index + 1}`);
  const { goal, world } = makeFleet("fleet", { hosts, balancers: ["lb1"], rollout });
  return planText(planDeployment({ ...goal, ...change }, observeWorld(world)), 80);
}

describe("the plan of a fleet", () => {
  it("tells a canary stage by stage, with the traffic of each", () => {
    const match = { header: "User-Agent", regex: "Mobile" };
    const canary = { match, steps: [0.05, 0.25, 1], holdMs: 300_000 };
    const text = textOf({ strategy: "canary", canary }, 4);
    expect(text).toMatchSnapshot();
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
  it("tells blue-green by its halves", () => {
    const halves = { blue: ["web1", "web2"], green: ["web3", "web4"] };
    expect(textOf({ strategy: "blue-green" }, 4, { halves })).toMatchSnapshot();
  });
  it("of a hundred hosts fits a screen", () => {
    for (const batch of [{ count: 1 }, { count: 7 }, { share: 0.25 }]) {
      const text = textOf({ strategy: "rolling", batch }, 100);
      expect(text.split("\n").length).toBeLessThan(40);
    }
    expect(textOf({ strategy: "rolling", batch: { count: 1 } }, 100)).toMatchSnapshot();
  });
  it("of one host is a plain list", () => {
    const { goal, world } = makeScenario("one", { spec: makeSpec([makeService("web")]) });
    const text = planText(planDeployment(goal, observeWorld(world)), 80);
    expect(text.split("\n").every((line) => /^ {2,3}\d+\. /.test(line))).toBe(true);
  });
});
