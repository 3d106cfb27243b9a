import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import type { Fleet } from "../../src/plan/fleet-port.ts";
import { changeHost } from "../../src/plan/simulate/world.ts";
import { createBench } from "../simulation/bench.ts";
import { makeScenario, makeService, makeSpec } from "../simulation/scenario.ts";
import type { SimulatedFleet } from "../simulation/simulated-fleet.ts";

/** Hosts whose wishes can be taken away. */
function withWishes(fleet: SimulatedFleet): Fleet {
  return {
    raiseEpoch: (operator) => fleet.raiseEpoch(operator),
    observe: () => fleet.observe(),
    apply: (effect, epoch) => fleet.apply(effect, epoch),
    clearWish(wish) {
      fleet.world = changeHost(fleet.world, "here", (host) =>
        isDeepStrictEqual(host.wish, wish) ? { ...host, wish: undefined } : host,
      );
      return Promise.resolve();
    },
  };
}

it("whoever takes over says what shall happen: a wish from before is gone, one from after counts", async () => {
  const bench = createBench(makeScenario("redeploy", { spec: makeSpec([makeService("web")]) }));
  await bench.deploy({ through: withWishes, crash: { record: 6, moment: "after" } });
  const abort = { deployment: "1", command: "abort", operator: "eve" } as const;
  const wish = (): void => {
    bench.fleet.world = changeHost(bench.fleet.world, "here", (host) => ({ ...host, wish: abort }));
  };
  wish();
  const later = bench.fork();
  expect(await bench.takeOver("resume", { through: withWishes })).toMatchObject({ end: "new" });
  expect(bench.fleet.world.hosts[0]?.wish).toBeUndefined();
  expect(bench.disk.records).not.toContainEqual(expect.objectContaining({ command: "abort" }));

  const ended = await later.takeOver("resume", {
    through: (fleet) => ({
      ...withWishes(fleet),
      async raiseEpoch(operator) {
        fleet.world = changeHost(fleet.world, "here", (host) => ({
          ...host,
          wish: { ...abort, operator: "bob" },
        }));
        return await fleet.raiseEpoch(operator);
      },
    }),
  });
  expect(ended).toMatchObject({ end: "old" });
  expect(later.disk.records).toContainEqual(expect.objectContaining({ command: "abort", operator: "bob" }));
});
