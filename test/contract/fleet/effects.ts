import { describe, expect, it } from "vitest";
import { effectKey } from "../../../src/plan/effect-key.ts";
import type { Observed } from "../../../src/plan/fleet.ts";
import { balancer, deployment, even, hosts, late, sound, stage } from "./releases.ts";
import type { Site } from "./subject.ts";

export function describeEffects(get: () => Site): void {
  describe("an effect", () => {
    it("sets a state: applied twice it changes nothing the second time, and the whole is a deployment", async () => {
      const { fleet } = await get().operator();
      const epoch = await fleet.raiseEpoch("ada");
      for (const effect of deployment) {
        const key = effectKey(effect);
        expect(await fleet.apply(effect, epoch), key).toMatchObject({ outcome: "done" });
        const { at: _, ...once } = await fleet.observe();
        expect(await fleet.apply(effect, epoch), `${key} again`).toMatchObject({ outcome: "done" });
        const { at: __, ...twice } = await fleet.observe();
        expect(twice, key).toEqual(once);
      }
      expectDeployed(await fleet.observe(), epoch);
    });

    it("that cannot be done is refused with its reason, at its deadline at the latest", async () => {
      const { fleet } = await get().operator();
      const epoch = await fleet.raiseEpoch("ada");
      expect(await fleet.apply(stage(late), epoch)).toMatchObject({
        outcome: "refused",
        problem: { code: "BUILD_FAILED", what: expect.stringMatching(/\w/) },
      });
      const { hosts: views } = await fleet.observe();
      expect(views[0]?.current).toBeNull();
    });

    it("whose reply is lost is unknown, and the host goes on being observed and changed", async () => {
      const operator = await get().operator();
      const { fleet } = operator;
      const epoch = await fleet.raiseEpoch("ada");
      expect(await operator.loseReply(epoch)).toMatchObject({ outcome: "unknown", why: expect.any(String) });
      const next = await fleet.raiseEpoch("ada");
      expect(next).toBeGreaterThan(epoch);
      const { hosts: views } = await fleet.observe();
      expect(views.map((view) => view.reachable)).toEqual([true, true]);
      expect(await fleet.apply(stage(sound), next)).toMatchObject({ outcome: "done" });
    });
  });
}

/** What is observed is plain data in the words of the plan. */
function expectDeployed(observed: Observed, epoch: number): void {
  expect(JSON.parse(JSON.stringify(observed))).toEqual(observed);
  expect(observed.at).toBeGreaterThan(0);
  const [first, second] = observed.hosts;
  expect(observed.hosts.map(({ host }) => host)).toEqual(hosts);
  expect(first).toMatchObject({
    reachable: true,
    epoch,
    current: sound,
    releases: [{ id: sound, state: "good", wasLive: true }],
    services: [{ name: "worker", live: sound, instances: [{ release: sound, state: "open", restarts: 0 }] }],
  });
  expect(first?.wish).toBeUndefined();
  expect(second).toMatchObject({ reachable: true, epoch, current: null, releases: [], services: [] });
  expect(observed.balancers).toMatchObject([{ host: balancer, reachable: true, epoch, routing: even }]);
  const [view] = observed.balancers;
  expect(view?.servers).toMatchObject(hosts.map((server) => ({ service: "web", server, isUp: true })));
}
