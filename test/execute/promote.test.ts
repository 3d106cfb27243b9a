import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import type { CutoverEvent } from "../../src/plan/event.ts";
import type { Fleet } from "../../src/plan/fleet-port.ts";
import { changeHost } from "../../src/plan/simulate/world.ts";
import { type Bench, createBench } from "../simulation/bench.ts";
import { makeFleet } from "../simulation/fleets.ts";
import type { SimulatedFleet } from "../simulation/simulated-fleet.ts";

const hourMs = 3_600_000;
const halves = makeFleet("halves", {
  hosts: ["web1", "web2"],
  balancers: ["lb1"],
  halves: { blue: ["web1"], green: ["web2"] },
  rollout: {
    strategy: "blue-green",
    canary: { match: { header: "User-Agent", regex: "Mobile" }, steps: [1], holdMs: hourMs },
    keepWarmMs: hourMs,
  },
});
const promote = { deployment: "1", command: "promote", operator: "eve" } as const;

/** Somebody says "cutover promote" each time a wait of an hour is announced, or never. */
async function waitedMs(isPromoting: boolean): Promise<{ readonly ms: number; readonly waits: string[] }> {
  const bench: Bench = createBench(halves);
  let answered = 0;
  const long = (): CutoverEvent[] =>
    bench.events.filter((event) => event.event === "hold" && event.why.includes("60 min"));
  const through = (fleet: SimulatedFleet): Fleet => ({
    raiseEpoch: (operator) => fleet.raiseEpoch(operator),
    apply: (effect, epoch) => fleet.apply(effect, epoch),
    observe() {
      if (isPromoting && long().length > answered) {
        answered = long().length;
        fleet.world = changeHost(fleet.world, "web2", (host) => ({ ...host, wish: promote }));
      }
      return fleet.observe();
    },
    clearWish(wish) {
      fleet.world = changeHost(fleet.world, "web2", (host) =>
        isDeepStrictEqual(host.wish, wish) ? { ...host, wish: undefined } : host,
      );
      return Promise.resolve();
    },
  });
  const began = bench.fleet.world.at;
  expect(await bench.deploy({ through })).toMatchObject({ end: "new" });
  const waits = long().flatMap((event) => (event.event === "hold" ? [event.why] : []));
  return { ms: bench.fleet.world.at - began, waits };
}

it("promote ends the wait of the cohort, and the one that keeps the old half warm, each by its own", async () => {
  const left = await waitedMs(false);
  expect(left.waits).toEqual([
    "watching the new release with requests whose User-Agent matches Mobile to green (web2), for 60 min; cutover promote goes on at once",
    "leaving the old half warm, for 60 min; cutover promote goes on at once",
  ]);
  expect(left.ms).toBeGreaterThan(2 * hourMs);
  const promoted = await waitedMs(true);
  expect(promoted.waits).toEqual(left.waits);
  expect(promoted.ms).toBeLessThan(hourMs / 10);
});
