import { describe, expect, it } from "vitest";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { until } from "../../e2e/bare.ts";
import { endless, stage } from "./releases.ts";
import type { EndSite } from "./subject.ts";

const info = { operator: "ada@laptop", pid: 4_194_305, doing: "deploy", since: 1 };
/** The whole promise of a lock that dies with its owner. */
const freeMs = 15_000;

/** Who held it is forgotten a moment before it is free. */
async function untilTaken(end: HostEnd): Promise<void> {
  const take = (): Promise<boolean> =>
    end.holdLock(info).then(
      () => true,
      () => false,
    );
  await until("the lock is free", take, freeMs);
}

export function describeLocks(get: () => EndSite): void {
  describe("the lock of a host", () => {
    it("is held by one operator, told to the next, and free when that one has gone", async () => {
      const [ada, bob] = [await get().operator(), await get().operator()];
      const [hers, his] = [ada.hosts[0], bob.hosts[0]];
      expect(await his.lockState()).toEqual({ holder: null, byHand: null });
      await hers.holdLock(info);
      expect((await his.lockState()).holder).toEqual(info);
      await expect(his.holdLock(info)).rejects.toMatchObject({
        detail: { code: "LOCK_HELD", exit: 3, what: expect.stringContaining("ada@laptop") },
      });
      await ada.close();
      await untilTaken(his);
    });

    it("is free when its owner was killed", async () => {
      const owner = await get().holder();
      const [end] = (await get().operator()).hosts;
      expect((await end.lockState()).holder).not.toBeNull();
      await expect(end.holdLock(info)).rejects.toMatchObject({ detail: { code: "LOCK_HELD" } });
      owner.kill("SIGKILL");
      await untilTaken(end);
    });

    it("by hand lasts until it is taken away, whoever comes and goes", async () => {
      const ada = await get().operator();
      const frozen = { operator: "ada", since: 1, message: "Black Friday" };
      await ada.hosts[0].lockByHand(frozen);
      await ada.close();
      const [end] = (await get().operator()).hosts;
      await expect(end.holdLock(info)).rejects.toMatchObject({ detail: { code: "LOCKED_BY_HAND" } });
      expect(await end.unlockByHand()).toEqual(frozen);
      await end.holdLock(info);
    });
  });

  describe("a step under way", () => {
    it("ends soon when the operator wants to stop, with a refusal that says so", async () => {
      const { fleet } = await get().operator();
      const epoch = await fleet.raiseEpoch("ada");
      const stop = new AbortController();
      const applied = fleet.apply(stage(endless), epoch, stop.signal);
      setTimeout(() => stop.abort(), 300);
      expect(await applied).toMatchObject({ outcome: "refused", problem: { code: "STAGE_INTERRUPTED" } });
    });
  });
}
