import { expect, test } from "vitest";
import { isSwitch } from "../../../src/cli/proof/change.ts";
import type { Effect } from "../../../src/plan/effect.ts";
import type { InstanceState, Observed } from "../../../src/plan/fleet.ts";

/** Two instances of release 1 on host a, in that state, and the weight of a at the balancer, if there is one. */
function seen(state: InstanceState, weight?: number): Observed {
  const instances = ["1", "2"].map((id) => ({ id, release: "1", state, restarts: 0 }));
  const services = [{ name: "web", instances, live: "1" }];
  const host = { host: "a", reachable: true, epoch: 1, current: "1", releases: [], services };
  const routing = { weights: { web: { a: weight ?? 0, b: 100 } } };
  const balancer = { host: "lb", reachable: true, epoch: 1, routing, servers: [] };
  return { at: 0, hosts: [host], balancers: weight === undefined ? [] : [balancer] };
}

function ofWeb(verb: "switch" | "drain", keep = 0): Effect {
  return { layer: "process", verb, keep, host: "a", service: "web", release: "2" };
}

test("new instances that are opened in place of accepting ones are a switch, without traffic they are none", () => {
  expect(isSwitch(ofWeb("switch"), seen("open"))).toBe(true);
  expect(isSwitch(ofWeb("switch"), seen("open", 100))).toBe(true);
  expect(isSwitch(ofWeb("switch"), seen("open", 0))).toBe(false);
  expect(isSwitch(ofWeb("switch", 2), seen("open"))).toBe(false);
});

test("what is drained was switched before, unless it still accepts", () => {
  expect(isSwitch(ofWeb("drain"), seen("parked"))).toBe(false);
  expect(isSwitch(ofWeb("drain"), seen("open"))).toBe(true);
});

test("other weights are a switch; a release that is staged, and a check, are none", () => {
  const traffic = { layer: "traffic", host: "lb", release: "2" } as const;
  const routing = { weights: {} };
  expect(isSwitch({ ...traffic, verb: "switch", routing }, seen("open", 100))).toBe(true);
  expect(isSwitch({ ...traffic, verb: "check", servers: [] }, seen("open", 100))).toBe(false);
  expect(isSwitch({ layer: "release", verb: "switch", host: "a", release: "2" }, seen("open"))).toBe(false);
});
