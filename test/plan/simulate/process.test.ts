import { expect, it } from "vitest";
import { killInstance, settle } from "../../../src/plan/simulate/process.ts";
import type { SimulatedService } from "../../../src/plan/simulate/world.ts";

const open = { id: "a-0", release: "a", state: "open", restarts: 0, checked: true } as const;
const service: SimulatedService = { name: "web", live: "a", reloadedFor: null, instances: [open] };

it("an instance that took traffic is started again, also when it ends once more before it is up", () => {
  const twice = killInstance(killInstance(service, "a-0"), "a-0");
  expect(twice.instances).toMatchObject([{ state: "starting", restarts: 2, checked: false }]);
  const up = settle({ specs: new Map(), faults: new Map() }, twice, "a");
  expect(up.instances).toMatchObject([{ state: "open", checked: true }]);
});

it("one that never took traffic has failed, and a parked one is gone", () => {
  const starting = { ...open, release: "b", id: "b-0", state: "starting", checked: false } as const;
  const parked = { ...open, release: "b", id: "b-1", state: "parked" } as const;
  const instances = [open, starting, parked];
  const dead = killInstance(killInstance({ ...service, instances }, "b-0"), "b-1");
  expect(dead.instances).toMatchObject([open, { id: "b-0", state: "failed" }]);
});
