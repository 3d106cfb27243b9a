import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Routing } from "../../src/plan/traffic.ts";
import { moveTraffic, shareTraffic, withoutTraffic } from "../../src/plan/weights.ts";

function routing(weights: Readonly<Record<string, number>>): Routing {
  return { weights: { web: weights } };
}

function shareOf(weights: Readonly<Record<string, number>>, servers: ReadonlySet<string>): number {
  const sum = (names: readonly string[]): number =>
    names.reduce((all, name) => all + (weights[name] ?? 0), 0);
  return sum([...servers]) / sum(Object.keys(weights));
}

describe("weights", () => {
  it("give a share with the smallest integers that hit it", () => {
    const four = routing({ web1: 100, web2: 100, web3: 100, web4: 100 });
    const share = (part: number) => shareTraffic(four, new Set(["web1"]), part).weights["web"];
    expect(share(0.05)).toEqual({ web1: 3, web2: 19, web3: 19, web4: 19 });
    expect(share(0.25)).toEqual({ web1: 1, web2: 1, web3: 1, web4: 1 });
  });
  it("hit any share from 1 to 90 % within half a point, keep the ratios, and stay integers from 1 to 256", () => {
    const part = fc.integer({ min: 10, max: 900 }).map((permille) => permille / 1000);
    const servers = fc.integer({ min: 2, max: 40 });
    fc.assert(
      fc.property(part, servers, fc.integer({ min: 1, max: 39 }), (share, count, few) => {
        const names = Array.from({ length: count }, (_, n) => `s${n}`);
        const canaries = new Set(names.slice(0, Math.min(few, count - 1)));
        const before = routing(Object.fromEntries(names.map((name) => [name, 100])));
        const after = shareTraffic(before, canaries, share).weights["web"] ?? {};
        const ratio = (share / canaries.size) * ((count - canaries.size) / (1 - share));
        const isReachable = ratio < 256 && ratio > 1 / 256;
        if (isReachable) expect(Math.abs(shareOf(after, canaries) - share)).toBeLessThan(0.005);
        for (const weight of Object.values(after)) {
          expect(Number.isInteger(weight) && weight >= 1 && weight <= 256).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
  it("keep servers of unlike size unlike", () => {
    const after = shareTraffic(routing({ a: 100, big: 200, small: 100 }), new Set(["a"]), 0.1).weights["web"];
    expect(after).toEqual({ a: 1, big: 6, small: 3 });
  });
  it("leave a server that takes no traffic without traffic", () => {
    const before = routing({ a: 100, b: 100, drained: 0 });
    expect(shareTraffic(before, new Set(["a", "drained"]), 0.5).weights["web"]?.["drained"]).toBe(0);
    expect(withoutTraffic(before, new Set(["a"])).weights["web"]).toEqual({ a: 0, b: 100, drained: 0 });
  });
  it("move everything to a half that had nothing, and leave servers of others alone", () => {
    const before = routing({ blue: 50, green: 0, foreign: 7 });
    const after = moveTraffic(before, new Set(["blue"]), new Set(["green"]));
    expect(after.weights["web"]).toEqual({ blue: 0, green: 50, foreign: 7 });
  });
});
