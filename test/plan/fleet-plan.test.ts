import { describe, expect, it } from "vitest";
import { planDeployment } from "../../src/plan/plan.ts";
import { observeWorld } from "../../src/plan/simulate/world.ts";
import { findFleet, makeFleet } from "../simulation/fleets.ts";
import type { Scenario } from "../simulation/scenario.ts";

const hosts = ["web1", "web2", "web3", "web4"];
const balancers = ["lb1"];
const match = { header: "User-Agent", regex: "Mobile|Android|iPhone" };

function sentences({ goal, world }: Scenario): readonly string[] {
  const { steps } = planDeployment(goal, observeWorld(world));
  return steps.map(({ sentence, effect }) =>
    effect === undefined || effect.layer === "traffic" ? sentence : `${effect.host}: ${sentence}`,
  );
}

describe("the plan of a fleet", () => {
  it("blue-green: idle half, cohort, everybody, the other half, and as it was", () => {
    const halves = { blue: ["web1", "web2"], green: ["web3", "web4"] };
    const canary = { match, steps: [1], holdMs: 300_000 };
    const rollout = { strategy: "blue-green", canary, keepWarmMs: 1_800_000 } as const;
    const scenario = makeFleet("halves", { hosts, balancers, halves, idle: ["web3", "web4"], rollout });
    expect(sentences(scenario)).toMatchInlineSnapshot(`
      [
        "web3: Stage release 20261121090000",
        "web4: Stage release 20261121090000",
        "web1: Stage release 20261121090000",
        "web2: Stage release 20261121090000",
        "web3: Check release 20261121090000",
        "web4: Check release 20261121090000",
        "web1: Check release 20261121090000",
        "web2: Check release 20261121090000",
        "web3: Start 1 of web beside the old, gate closed",
        "web4: Start 1 of web beside the old, gate closed",
        "web3: Check web before it takes traffic",
        "web4: Check web before it takes traffic",
        "web3: Switch current to 20261121090000",
        "web4: Switch current to 20261121090000",
        "web3: Open web",
        "web4: Open web",
        "On lb1: ask web3, web4 for their health, in private",
        "On lb1: requests whose User-Agent matches Mobile|Android|iPhone to green (web3, web4)",
        "Watch it for 5 min",
        "On lb1: everything to green (web3, web4)",
        "Watch it for 10 s",
        "Leave the old half warm for 30 min",
        "On lb1: wait for what is under way on web1, web2",
        "web1: Start 1 of web beside the old, gate closed",
        "web2: Start 1 of web beside the old, gate closed",
        "web1: Check web before it takes traffic",
        "web2: Check web before it takes traffic",
        "web1: Switch current to 20261121090000",
        "web2: Switch current to 20261121090000",
        "web1: Open web",
        "web2: Open web",
        "On lb1: ask web1, web2 for their health, in private",
        "On lb1: everything as it was",
        "web3: Drain the old web",
        "web4: Drain the old web",
        "web1: Drain the old web",
        "web2: Drain the old web",
        "web3: Mark 20261121090000 good, keep 5 good releases",
        "web4: Mark 20261121090000 good, keep 5 good releases",
        "web1: Mark 20261121090000 good, keep 5 good releases",
        "web2: Mark 20261121090000 good, keep 5 good releases",
      ]
    `);
  });
  it("canary: cohort, shares, the rest", () => {
    const canary = { match, steps: [0.05, 0.25, 1], holdMs: 60_000 };
    const rollout = { strategy: "canary", canary, batch: { share: 1 } } as const;
    expect(sentences(makeFleet("canary", { hosts, balancers, rollout }))).toMatchInlineSnapshot(`
      [
        "web1: Stage release 20261121090000",
        "web2: Stage release 20261121090000",
        "web3: Stage release 20261121090000",
        "web4: Stage release 20261121090000",
        "web1: Check release 20261121090000",
        "web2: Check release 20261121090000",
        "web3: Check release 20261121090000",
        "web4: Check release 20261121090000",
        "On lb1: no new requests to canary web1",
        "On lb1: wait for what is under way on web1",
        "web1: Start 1 of web beside the old, gate closed",
        "web1: Check web before it takes traffic",
        "web1: Switch current to 20261121090000",
        "web1: Open web",
        "On lb1: ask web1 for their health, in private",
        "On lb1: requests whose User-Agent matches Mobile|Android|iPhone to canary web1",
        "Watch it for 1 min",
        "On lb1: 5 % of web to canary web1",
        "Watch it for 1 min",
        "On lb1: 25 % of web to canary web1",
        "Watch it for 1 min",
        "web2: Start 1 of web beside the old, gate closed",
        "web3: Start 1 of web beside the old, gate closed",
        "web4: Start 1 of web beside the old, gate closed",
        "web2: Check web before it takes traffic",
        "web3: Check web before it takes traffic",
        "web4: Check web before it takes traffic",
        "web2: Switch current to 20261121090000",
        "web3: Switch current to 20261121090000",
        "web4: Switch current to 20261121090000",
        "web2: Open web",
        "web3: Open web",
        "web4: Open web",
        "On lb1: ask web2, web3, web4 for their health, in private",
        "On lb1: everything as it was",
        "Watch it for 10 s",
        "web1: Drain the old web",
        "web2: Drain the old web",
        "web3: Drain the old web",
        "web4: Drain the old web",
        "web1: Mark 20261121090000 good, keep 5 good releases",
        "web2: Mark 20261121090000 good, keep 5 good releases",
        "web3: Mark 20261121090000 good, keep 5 good releases",
        "web4: Mark 20261121090000 good, keep 5 good releases",
      ]
    `);
  });
  it("a canary that is judged: waits as long as it takes where all is well", () => {
    const { goal, world } = findFleet("canary, judged");
    const { steps } = planDeployment(goal, observeWorld(world));
    const waits = steps.flatMap(({ sentence, waitMs }) => (waitMs === undefined ? [] : [[sentence, waitMs]]));
    expect(waits).toEqual([
      ["Compare a with the others, all on the old release, for 30 s", 30_000],
      ["Judge it beside the old release for 5 s, and on until it is settled", 5000],
      ["Watch and judge it for 10 s", 10_000],
    ]);
  });
  it("rolling: batch after batch, the balancer left alone", () => {
    const rollout = { batch: { count: 3 } };
    expect(sentences(makeFleet("rolling", { hosts, balancers, rollout }))).toMatchInlineSnapshot(`
      [
        "web1: Stage release 20261121090000",
        "web2: Stage release 20261121090000",
        "web3: Stage release 20261121090000",
        "web4: Stage release 20261121090000",
        "web1: Check release 20261121090000",
        "web2: Check release 20261121090000",
        "web3: Check release 20261121090000",
        "web4: Check release 20261121090000",
        "web1: Start 1 of web beside the old, gate closed",
        "web2: Start 1 of web beside the old, gate closed",
        "web3: Start 1 of web beside the old, gate closed",
        "web1: Check web before it takes traffic",
        "web2: Check web before it takes traffic",
        "web3: Check web before it takes traffic",
        "web1: Switch current to 20261121090000",
        "web2: Switch current to 20261121090000",
        "web3: Switch current to 20261121090000",
        "web1: Open web",
        "web2: Open web",
        "web3: Open web",
        "On lb1: ask web1, web2, web3 for their health, in private",
        "web4: Start 1 of web beside the old, gate closed",
        "web4: Check web before it takes traffic",
        "web4: Switch current to 20261121090000",
        "web4: Open web",
        "On lb1: ask web4 for their health, in private",
        "Watch it for 10 s",
        "web1: Drain the old web",
        "web2: Drain the old web",
        "web3: Drain the old web",
        "web4: Drain the old web",
        "web1: Mark 20261121090000 good, keep 5 good releases",
        "web2: Mark 20261121090000 good, keep 5 good releases",
        "web3: Mark 20261121090000 good, keep 5 good releases",
        "web4: Mark 20261121090000 good, keep 5 good releases",
      ]
    `);
  });
});
