import { describe, expect, it } from "vitest";
import { compareBase, describeBase } from "../../src/plan/base.ts";
import { killInstance } from "../../src/plan/simulate/process.ts";
import { changeHost, changeService, observeWorld } from "../../src/plan/simulate/world.ts";
import { makeScenario, makeService, makeSpec, newRelease, oldRelease } from "../simulation/scenario.ts";

const { world } = makeScenario("base", { spec: makeSpec([makeService("web", { instances: 2 })]) });
const saved = describeBase(observeWorld(world));

describe("the base of a saved plan", () => {
  it("still holds when only time and epochs have moved", () => {
    const later = { ...world, at: world.at + 1, hosts: world.hosts.map((host) => ({ ...host, epoch: 7 })) };
    expect(compareBase(saved, observeWorld(later))).toEqual([]);
    expect(describeBase(observeWorld(later)).digest).toBe(saved.digest);
  });
  it("says what has changed since", () => {
    const changed = changeHost(world, "here", (host) => ({
      ...changeService(host, "web", (service) => killInstance(service, `${oldRelease}-0`)),
      current: newRelease,
      releases: [...host.releases, { id: newRelease, state: "live", wasLive: true }],
    }));
    expect(compareBase(saved, observeWorld(changed))).toEqual([
      `On here current was ${oldRelease} and is now ${newRelease}.`,
      `On here release ${newRelease} has been added.`,
      `On here web had 2 of release ${oldRelease} and has now 1 of release ${oldRelease}.`,
    ]);
    expect(describeBase(observeWorld(changed)).digest).not.toBe(saved.digest);
  });
  it("says which hosts came and went", () => {
    const other = makeScenario("other", { spec: makeSpec([makeService("web")]), hosts: ["there"] });
    expect(compareBase(saved, observeWorld(other.world))).toEqual([
      "here is no longer there.",
      "there was not part of the plan.",
    ]);
  });
});
