import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { decide } from "../../src/plan/decide.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import { planDeployment } from "../../src/plan/plan.ts";
import { observeWorld } from "../../src/plan/simulate/world.ts";
import { makeFleet } from "../simulation/fleets.ts";
import type { Scenario } from "../simulation/scenario.ts";
import { markdownTable, median, report } from "./record.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const sizes = [1_000, 3_000, 10_000];
const match = { header: "User-Agent", regex: "Mobile" };

const strategies: readonly (readonly [string, (hosts: readonly string[]) => Scenario])[] = [
  [
    "rolling, 10 batches",
    (hosts) => makeFleet("rolling", { hosts, balancers, rollout: { batch: { share: 0.1 } } }),
  ],
  [
    "blue-green",
    (hosts) => {
      const half = hosts.length / 2;
      const halves = { blue: hosts.slice(0, half), green: hosts.slice(half) };
      const canary = { match, steps: [1], holdMs: 60_000 };
      return makeFleet("halves", {
        hosts,
        balancers,
        halves,
        idle: halves.green,
        rollout: { strategy: "blue-green", canary, keepWarmMs: 60_000 },
      });
    },
  ],
  [
    "canary, 5 % and 25 %",
    (hosts) => {
      const canary = { match, steps: [0.05, 0.25, 1], holdMs: 60_000 };
      return makeFleet("canary", { hosts, balancers, rollout: { strategy: "canary", canary } });
    },
  ],
];
const balancers = ["lb1", "lb2"];

interface Figures {
  readonly steps: number;
  readonly decideMs: number;
  readonly planMs: number;
  readonly megabytes: number;
}

function measure({ goal, world }: Scenario): Figures {
  const observed = observeWorld(world);
  const facts = foldFacts([{ kind: "begin", at: world.at, goal, epoch: 1, operator: "bench" }]);
  const decideMs = median(repeat(5, () => decide({ ...goal }, facts, observed)));
  collect();
  const before = process.memoryUsage().heapUsed;
  const plan = planDeployment(goal, observed);
  collect();
  const megabytes = (process.memoryUsage().heapUsed - before) / 1e6;
  const planMs = median(repeat(3, () => planDeployment(goal, observed)));
  return { steps: plan.steps.length, decideMs, planMs, megabytes };
}

function repeat(times: number, run: () => unknown): readonly number[] {
  return Array.from({ length: times }, () => {
    const begun = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  });
}

test("scale: decide and plan for many hosts", () => {
  const rows = [
    [
      "strategy",
      "hosts",
      "steps",
      "one decide, CPU ms",
      "whole plan, CPU ms",
      "plan, CPU µs per host",
      "heap of the plan, MB",
    ],
  ];
  for (const [name, make] of strategies) {
    measure(make(namesOf(100)));
    const perHost = sizes.map((size) => {
      const { steps, decideMs, planMs, megabytes } = measure(make(namesOf(size)));
      const each = (planMs * 1000) / size;
      rows.push([
        name,
        String(size),
        String(steps),
        decideMs.toFixed(2),
        planMs.toFixed(0),
        each.toFixed(0),
        megabytes.toFixed(1),
      ]);
      return each;
    });
    expect(perHost.at(-1)).toBeLessThan(4 * Math.max(...perHost.slice(0, -1)));
  }
  const text = `Hosts are simulated, one service each behind two balancers; a plan is the production decision run to its end, with every effect of every host. The first decide works the stages out. Times are of the processor, whatever else the machine does; the heap is what the plan keeps, after a collection.\n\n${markdownTable(rows)}`;
  report("scale", "Decisions for a large fleet", text);
});

function namesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `web${n + 1}`);
}
