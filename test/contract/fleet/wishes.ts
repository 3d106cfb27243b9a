import { describe, expect, it } from "vitest";
import type { Wish } from "../../../src/plan/fleet.ts";
import type { Site } from "./subject.ts";

const pause: Wish = { deployment: "1", command: "pause", operator: "bob" };
const abort: Wish = { deployment: "1", command: "abort", operator: "eve" };

export function describeWishes(get: () => Site): void {
  describe("a wish", () => {
    it("is seen by the operator in charge until it is taken away; one that came later stays", async () => {
      const { fleet } = await get().operator();
      await fleet.raiseEpoch("ada");
      const seen = async (): Promise<readonly (Wish | undefined)[]> =>
        (await fleet.observe()).hosts.map(({ wish }) => wish);
      expect(await seen()).toEqual([undefined, undefined]);
      await get().leaveWish(pause);
      expect(await seen()).toEqual([pause, pause]);
      await get().leaveWish(abort);
      await fleet.clearWish?.(pause);
      expect(await seen()).toEqual([abort, abort]);
      await fleet.clearWish?.(abort);
      expect(await seen()).toEqual([undefined, undefined]);
    });
  });
}
