import { describe, expect, it } from "vitest";
import type { Fleet } from "../../../src/plan/fleet-port.ts";
import type { Observed } from "../../../src/plan/fleet.ts";
import { deployment } from "./releases.ts";
import type { Site } from "./subject.ts";

export function describeEpochs(get: () => Site): void {
  describe("the epoch", () => {
    it("is above every other, and the same on every host and balancer", async () => {
      const ada = await get().operator();
      const bob = await get().operator();
      const first = await ada.fleet.raiseEpoch("ada");
      expect(epochsOf(await ada.fleet.observe())).toEqual([first, first, first]);
      const second = await bob.fleet.raiseEpoch("bob");
      expect(second).toBeGreaterThan(first);
      expect(epochsOf(await ada.fleet.observe())).toEqual([second, second, second]);
    });

    it("of an operator who was overtaken applies no effect any more, of whatever kind", async () => {
      const ada = await get().operator();
      const bob = await get().operator();
      const stale = await ada.fleet.raiseEpoch("ada");
      const epoch = await bob.fleet.raiseEpoch("bob");
      const before = await timeless(bob.fleet);
      for (const effect of deployment)
        expect(await ada.fleet.apply(effect, stale), `${effect.layer} ${effect.verb}`).toEqual({
          outcome: "stale",
          epoch,
        });
      expect(await timeless(bob.fleet)).toEqual(before);
    });
  });
}

function epochsOf({ hosts, balancers }: Observed): readonly number[] {
  return [...hosts, ...balancers].map((view) => view.epoch);
}

async function timeless(fleet: Fleet): Promise<Omit<Observed, "at">> {
  const { at: _, ...observed } = await fleet.observe();
  return observed;
}
