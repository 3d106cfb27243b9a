import { describe, expect, it } from "vitest";
import { busyServers, drained, emptied, restored, sessionsOn } from "../../../src/cli/traffic/change.ts";
import { balancer } from "../status/fleet.ts";

const one = new Set(["web1"]);

describe("draining by hand", () => {
  it("takes the requests of every service away and leaves the others as they are", () => {
    const routing = { weights: { web: { web1: 30, web2: 70 }, catalog: { web1: 1, web2: 1 } } };
    expect(drained(routing, one)).toEqual({
      weights: { web: { web1: 0, web2: 70 }, catalog: { web1: 0, web2: 1 } },
    });
  });
  it("knows when nobody is left, also when those left are down", () => {
    const both = balancer({ web1: 1, web2: 1 });
    expect(emptied(both, drained(both.routing, one))).toEqual([]);
    const last = balancer({ web1: 1, web2: 0 });
    expect(emptied(last, drained(last.routing, one))).toEqual(["web"]);
    const servers = both.servers.map((server) => ({ ...server, isUp: server.server === "web1" }));
    expect(emptied({ ...both, servers }, drained(both.routing, one))).toEqual(["web"]);
  });
  it("does not count what had no requests before", () => {
    const idle = balancer({ web1: 0, web2: 0 });
    expect(emptied(idle, drained(idle.routing, one))).toEqual([]);
  });
  it("counts the sessions that are left, or knows that nobody counts them", () => {
    expect(sessionsOn(balancer({ web1: 0, web2: 1 }), one)).toBe(3);
    const silent = balancer(
      { web1: 0 },
      { servers: [{ service: "web", server: "web1", isUp: true, sessions: null }] },
    );
    expect(sessionsOn(silent, one)).toBeNull();
  });
});

describe("restoring by hand", () => {
  const now = { weights: { web: { web1: 0, web2: 70 } } };

  it("gives a server the weight that the last deployment left it", () => {
    expect(restored(now, one, { weights: { web: { web1: 30, web2: 70 } } }).weights.web).toEqual({
      web1: 30,
      web2: 70,
    });
  });
  it("gives what the others have where it was drained before that, or nobody knows", () => {
    expect(restored(now, one, { weights: { web: { web1: 0, web2: 50 } } }).weights.web?.web1).toBe(70);
    expect(restored(now, one, undefined).weights.web?.web1).toBe(70);
    expect(restored({ weights: { web: { web1: 0 } } }, one, undefined).weights.web?.web1).toBe(100);
  });
  it("leaves a weight that it has", () => {
    expect(restored({ weights: { web: { web1: 5 } } }, one, undefined).weights.web?.web1).toBe(5);
  });
  it("of a whole app leaves the idle half idle", () => {
    expect([
      ...busyServers({ weights: { web: { blue: 1, green: 0 }, catalog: { blue: 1, green: 0 } } }),
    ]).toEqual(["blue"]);
  });
});
