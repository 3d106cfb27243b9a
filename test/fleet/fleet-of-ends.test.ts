import { describe, expect, it } from "vitest";
import type { HostEnd } from "../../src/fleet/end.ts";
import { fleetOf } from "../../src/fleet/fleet-of-ends.ts";
import { hostMethods } from "../../src/fleet/rpc/methods.ts";
import { unreachableEnd } from "../../src/fleet/unreachable.ts";
import { Problem } from "../../src/problem.ts";
import { makeScenario, makeSpec } from "../simulation/scenario.ts";

const { goal } = makeScenario("one", { spec: makeSpec([]) });
const options = { goal: () => goal, emit: () => undefined, now: () => 7 };

function absent(name: string, code: string): HostEnd {
  return unreachableEnd<HostEnd>(hostMethods, {
    name,
    error: new Problem({ code, what: `${name} has ${code}.` }),
  });
}

function present(name: string): HostEnd {
  const view = { host: name, reachable: true, epoch: 1, current: null, releases: [], services: [] };
  return { ...absent(name, "HOST_REFUSED"), observe: () => Promise.resolve(view) };
}

describe("a fleet with a host that cannot be asked", () => {
  it.each(["CONNECTION_LOST", "HOST_REFUSED", "SSH_DENIED", "NODE_MISSING", "AGENT_FAILED"])(
    "shows the others, and why it is not seen: %s",
    async (code) => {
      const fleet = fleetOf({ hosts: [present("web1"), absent("web2", code)], balancers: [] }, options);
      const { at, hosts } = await fleet.observe();
      expect(at).toBe(7);
      expect(hosts).toMatchObject([
        { host: "web1", reachable: true },
        { host: "web2", reachable: false, why: `web2 has ${code}.` },
      ]);
      const effect = { layer: "release", verb: "check", host: "web2", release: goal.release } as const;
      expect(await fleet.apply(effect, 1)).toEqual({ outcome: "unknown", why: `web2 has ${code}.` });
    },
  );
});
