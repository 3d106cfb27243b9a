import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/command.ts";
import type { Context } from "../../../src/cli/deployment/context.ts";
import { openJudge } from "../../../src/cli/judge/judge.ts";
import type { BalancerEnd } from "../../../src/fleet/end.ts";
import type { Answered, Comparison } from "../../../src/plan/comparison.ts";
import type { Watch } from "../../../src/plan/decision.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import type { Finding } from "../../../src/plan/record.ts";
import type { JudgeSpec } from "../../../src/plan/spec.ts";
import type { TrafficCounters } from "../../../src/plan/traffic.ts";
import { chance } from "../../proof/judge/chance.ts";
import { findFleet, makeFleet } from "../../simulation/fleets.ts";
import { makeService, makeSpec } from "../../simulation/scenario.ts";

type Arm = Answered["arm"];

/** How the servers of an arm answer request n of theirs. */
type World = Readonly<Record<Arm, (n: number) => Pick<Answered, "tookMs" | "fault">>>;

const quick = (n: number): { tookMs: number } => ({ tookMs: 10 + (n % 20) });
const healthy: World = { canary: quick, control: quick };

interface Bench {
  readonly events: CutoverEvent[];
  readonly comparisons: Comparison[];
  /** Until something is found; `forMs` is the time that the stage has. */
  readonly judge: (
    watch?: Partial<Watch>,
    options?: { readonly known?: unknown; readonly forMs?: number },
  ) => Promise<Finding>;
}

/** null: it cannot be asked. A balancer that answers at once what a second of requests would have been. */
function bench(
  world: World | null,
  change: Partial<JudgeSpec> = {},
  counters: () => readonly TrafficCounters[] = () => [],
): Bench {
  const events: CutoverEvent[] = [];
  const comparisons: Comparison[] = [];
  const counts = { canary: 0, control: 0 };
  let at = Date.now();
  const draw = chance(1);
  const end = {
    name: "lb1",
    counters: () => Promise.resolve(counters()),
    async compare(comparison: Comparison) {
      comparisons.push(comparison);
      if (world === null) throw new Error("no such server");
      await new Promise((resolve) => setImmediate(resolve));
      const arms: readonly Arm[] = comparison.control.length === 0 ? ["canary"] : ["canary", "control"];
      const answers = Array.from({ length: comparison.ratePerSecond }, (): Answered => {
        const arm = arms[Math.floor(draw() * arms.length)] ?? "canary";
        const [ask] = comparison.asks;
        at += 1000 / comparison.ratePerSecond;
        const [server = ""] = comparison[arm];
        return {
          arm,
          server,
          service: ask?.service ?? "",
          path: ask?.path ?? "",
          at,
          ...world[arm](counts[arm]++),
        };
      });
      return answers;
    },
  } as Partial<BalancerEnd> as BalancerEnd;
  const health = {
    kind: "http",
    path: "/health",
    expect: 200,
    warm: [],
    intervalMs: 1,
    healthyAfter: 1,
    timeoutMs: 1,
    minUptimeMs: 0,
  } as const;
  const traffic = { engine: "haproxy", backends: { web: "be" }, addresses: {}, options: {} };
  const spec = makeSpec([makeService("web", { health })], { traffic });
  const { rollout } = findFleet("canary, judged").goal;
  const judge = { ...rollout.canary?.judge, warmUpMs: 0, ...change } as JudgeSpec;
  const canary = { steps: [0.25, 1], holdMs: 5000, ...rollout.canary, judge };
  const { goal } = makeFleet("judged", {
    hosts: ["a", "b", "c"],
    balancers: ["lb1"],
    spec,
    rollout: { ...rollout, canary },
  });
  const context = { balancers: [end], config: { file: "/tmp/cutover.yml" } } as unknown as Context;
  const io = { env: process.env, emit: (event: CutoverEvent) => events.push(event) } as unknown as Io;
  const opened = openJudge(context, io, goal);
  return {
    events,
    comparisons,
    async judge(watch = {}, { known = null, forMs = 400 } = {}) {
      const stage = {
        stage: 3,
        kind: "release",
        says: "25 % of web to canary a",
        canary: ["a"],
        control: ["b", "c"],
      } as const;
      const until = Date.now() + forMs;
      const whole: Watch = { ...stage, least: until, until, ...watch };
      for (;;) {
        const finding = await opened?.watch(whole, known);
        if (finding !== null && finding !== undefined) return finding;
      }
    },
  };
}

describe("the judge of a canary", () => {
  it("asks both releases the health path, and finds a healthy one sound when the time is over", async () => {
    const { judge, comparisons } = bench(healthy, { ratePerSecond: 200 });
    expect(await judge()).toMatchObject({ verdict: "sound" });
    expect(comparisons[0]).toMatchObject({
      canary: ["a"],
      control: ["b", "c"],
      asks: [{ service: "web", path: "/health", expect: 200 }],
    });
  });

  it.each<[string, Partial<World>, RegExp, RegExp]>([
    [
      "fails one request in twenty",
      { canary: (n) => ({ ...quick(n), ...(n % 20 === 0 ? { fault: "status 500" } : {}) }) },
      /^It fails more requests than the old release\.$/,
      /^errors {3}new \d+ of \d+ \([\d.]+ %\), old 0 of \d+: worse, [\d,]+ to 1$/,
    ],
    [
      "takes twice as long",
      { canary: (n) => ({ tookMs: 2 * quick(n).tookMs }) },
      /^It is slower than the old release\.$/,
      /^slow {5}new \d+ of \d+ \([\d.]+ %\), old \d+ of \d+.*: worse, .* to 1$/,
    ],
  ])("finds harm in one that %s, at once and with the evidence", async (_what, bad, why, evidence) => {
    const { judge } = bench({ ...healthy, ...bad });
    const finding = await judge({}, { forMs: 60_000 });
    expect(finding).toMatchObject({ verdict: "harm", why: expect.stringMatching(why) });
    expect(finding.evidence[0]).toMatch(evidence);
  });

  it("takes what hits both releases for no harm", async () => {
    const brownOut = (n: number) => ({ ...quick(n), ...(n % 3 === 0 ? { fault: "timeout" } : {}) });
    const { judge } = bench({ canary: brownOut, control: brownOut }, { ratePerSecond: 100 });
    expect((await judge()).verdict).not.toBe("harm");
  });

  it("cannot tell from a handful of answers, and says what is open", async () => {
    const { judge } = bench(healthy, { ratePerSecond: 60 });
    const few = await judge({ least: 0, until: Date.now() - 1 });
    expect(few).toMatchObject({ verdict: "inconclusive", why: expect.stringContaining("errors, slow") });
  });

  it("goes on watching when the least time is over, until it is settled, and waits for no more", async () => {
    const { judge, comparisons } = bench(healthy, { ratePerSecond: 60 });
    const found = await judge({ least: Date.now() - 1 }, { forMs: 60_000 });
    expect(found).toMatchObject({ verdict: "sound" });
    const asked = comparisons.length * 60;
    expect(asked).toBeGreaterThan(1000);
    expect(asked).toBeLessThan(3000);
  });

  it("finds nothing sound before the least time", async () => {
    const from = Date.now();
    const { judge } = bench(healthy, { ratePerSecond: 200 });
    expect(await judge({ least: from + 300 }, { forMs: 60_000 })).toMatchObject({ verdict: "sound" });
    expect(Date.now() - from).toBeGreaterThanOrEqual(300);
  });

  it("waits for nothing where both releases fail what it asks", async () => {
    const missing = () => ({ tookMs: 5, fault: "status 404" });
    const { judge } = bench({ canary: missing, control: missing }, { ratePerSecond: 60 });
    expect(await judge({ least: Date.now() - 1 }, { forMs: 60_000 })).toMatchObject({
      verdict: "inconclusive",
      why: "Both releases fail most of what the judge asks (web on b, GET /health: status 404), so that tells nothing of the new one.",
    });
  });

  it("finds a release sound that mends one which fails everything", async () => {
    const broken = () => ({ tookMs: 5, fault: "status 500" });
    const { judge } = bench({ canary: quick, control: broken }, { ratePerSecond: 60 });
    expect(await judge({ least: Date.now() - 1 }, { forMs: 60_000 })).toMatchObject({ verdict: "sound" });
  });

  it("says that it cannot ask, once, and finds nothing sound then", async () => {
    const { judge, events } = bench(null);
    const finding = await judge({}, { forMs: 1200 });
    expect(finding).toMatchObject({
      verdict: "inconclusive",
      why: "The judge got 0 answers of the canary and 0 of the others. no such server",
    });
    expect(events.filter(({ event }) => event === "note")).toHaveLength(1);
  });

  it("goes on from what an operator before has written down", async () => {
    const first = await bench(healthy, { ratePerSecond: 200 }).judge();
    const written: unknown = JSON.parse(JSON.stringify(first.known));
    const second = await bench(healthy, { ratePerSecond: 60 }).judge({}, { known: written, forMs: -1 });
    expect(second).toMatchObject({ verdict: "sound" });
    expect((await bench(healthy, { ratePerSecond: 60 }).judge({}, { forMs: -1 })).verdict).toBe(
      "inconclusive",
    );
  });

  it("counts what clients got by the balancer's own figures, and tells when they are worse", async () => {
    let requests = 0;
    const counters = (): readonly TrafficCounters[] => {
      requests += 100;
      const one = { service: "web", retries: 0, redispatches: 0 };
      return [
        { ...one, server: "a", requests: requests * 0.25, failed: requests * 0.05 },
        { ...one, server: "b", requests: requests * 0.375, failed: 0 },
        { ...one, server: "c", requests: requests * 0.375, failed: 0 },
      ];
    };
    const finding = await bench(healthy, {}, counters).judge({}, { forMs: 60_000 });
    expect(finding).toMatchObject({
      verdict: "harm",
      why: "The balancer counts more failures than the old release.",
    });
  });

  it("takes a check of the user's own for a signal like the others", async () => {
    const bad = bench(healthy, { ratePerSecond: 60, check: 'test "$CUTOVER_ARM" = old' });
    const finding = await bad.judge({}, { forMs: 60_000 });
    expect(finding).toMatchObject({
      verdict: "harm",
      why: "The check of your own finds more fault than the old release.",
    });
    expect(finding.evidence[0]).toMatch(/^check {4}new \d+ of \d+ \(100 %\), old 0 of \d+: worse/);
    const good = bench(healthy, { ratePerSecond: 200, check: "echo 0 of 30" });
    const sound = await good.judge({ least: Date.now() - 1 }, { forMs: 60_000 });
    expect(sound.verdict).toBe("sound");
    expect(sound.evidence.join()).toMatch(/check {4}new 0 of [\d,]+, old 0 of [\d,]+: as good/);
  });

  it("finds harm while a check of the user's own still runs", async () => {
    const from = Date.now();
    const failing = { ...healthy, canary: () => ({ tookMs: 5, fault: "status 500" }) };
    const { judge } = bench(failing, { ratePerSecond: 60, check: "sleep 300" });
    expect((await judge({}, { forMs: 60_000 })).verdict).toBe("harm");
    expect(Date.now() - from).toBeLessThan(5000);
  });

  it("does not trust a balancer that divides the requests otherwise than told", async () => {
    let requests = 0;
    const counters = (): readonly TrafficCounters[] => {
      requests += 1000;
      const one = { service: "web", failed: 0, retries: 0, redispatches: 0 };
      return ["a", "b", "c"].map((server) => {
        const isDown = server === "a";
        return { ...one, server, isDown, requests: isDown ? 0 : requests };
      });
    };
    const settings = { ratePerSecond: 200 };
    const told = bench(healthy, settings, counters);
    expect(await told.judge({ least: Date.now() + 200 }, { forMs: 60_000 })).toMatchObject({
      verdict: "inconclusive",
      cause: "split",
      why: expect.stringMatching(
        /^Of [\d,]+ requests of web at lb1, a got 0 % instead of 25 %, b 50 % instead of 38 %, c 50 % instead of 38 %\.$/,
      ),
      evidence: expect.arrayContaining([
        "split    lb1 takes web on a for down",
        expect.stringMatching(
          /^split {4}of .*, a got 0 % \(told 25 %\), .*: not as told, over a million to 1$/,
        ),
      ]),
    });
    const trusting = bench(healthy, { ...settings, split: false }, counters);
    const trusted = await trusting.judge();
    expect(trusted.verdict).toBe("sound");
    expect(trusted.evidence.join()).not.toContain("split ");
  });

  it("leaves the shares out where more than weights divides the requests, or nobody counts them, and says so", async () => {
    let requests = 0;
    const stuck = (): readonly TrafficCounters[] => {
      requests += 1000;
      const one = {
        service: "web",
        failed: 0,
        retries: 0,
        redispatches: 0,
        dividedBy: '"ip_hash" (nginx.conf:7)',
      };
      return ["a", "b", "c"].map((server) => ({ ...one, server, requests: server === "a" ? requests : 0 }));
    };
    const left = async (counters: () => readonly TrafficCounters[]) => {
      const { verdict, evidence } = await bench(healthy, { ratePerSecond: 200 }, counters).judge();
      return [verdict, evidence.filter((line) => line.startsWith("split"))];
    };
    expect(await Promise.all([left(stuck), left(() => [])])).toEqual([
      [
        "sound",
        ['split    left out for web at lb1, which goes by more than weights: "ip_hash" (nginx.conf:7)'],
      ],
      ["sound", ["split    left out for lb1, which does not count requests"]],
    ]);
  });

  it("tells the shares that it found as told", async () => {
    let requests = 0;
    const fair = (): readonly TrafficCounters[] => {
      requests += 1000;
      const one = { service: "web", failed: 0, retries: 0, redispatches: 0 };
      const shares = { a: 0.25, b: 0.375, c: 0.375 };
      return Object.entries(shares).map(([server, share]) => ({
        ...one,
        server,
        requests: requests * share,
      }));
    };
    const { verdict, evidence } = await bench(healthy, { ratePerSecond: 200 }, fair).judge();
    expect(verdict).toBe("sound");
    expect(evidence.at(-1)).toMatch(
      /^split {4}of [\d,]+ requests of web at lb1, a got 25 % \(told 25 %\), .*: as told$/,
    );
  });
});

describe("the servers of the canary, before they get the release", () => {
  const hosts = { stage: 0, kind: "hosts" } as const;

  it("are as good as the others, which is told by name", async () => {
    const { verdict, evidence } = await bench(healthy, { ratePerSecond: 200 }).judge(hosts);
    expect(verdict).toBe("sound");
    expect(evidence[0]).toMatch(/^errors {3}a 0 of [\d,]+, others 0 of [\d,]+$/);
  });

  it("are sick when they are worse", async () => {
    const sick = bench({ ...healthy, canary: () => ({ tookMs: 5, fault: "refused" }) });
    expect(await sick.judge(hosts, { forMs: 60_000 })).toMatchObject({
      verdict: "harm",
      why: "It fails more requests than the other servers.",
    });
  });

  it("tell nothing where all of them fail what the judge asks", async () => {
    const missing = () => ({ tookMs: 5, fault: "status 404" });
    const finding = await bench({ canary: missing, control: missing }, { ratePerSecond: 200 }).judge(hosts);
    expect(finding).toMatchObject({ verdict: "inconclusive", why: expect.stringContaining("status 404") });
  });

  it("are good enough where the release that serves fails all over, for the new one may be what mends it", async () => {
    const broken = () => ({ tookMs: 5, fault: "status 500" });
    const finding = await bench({ canary: broken, control: broken }, { ratePerSecond: 200 }).judge(hosts);
    expect(finding).toMatchObject({ verdict: "sound", why: expect.stringContaining("status 500") });
  });
});

describe("the bake time", () => {
  it("is held against what the old release was like before", async () => {
    let isBaking = false;
    const world: World = {
      ...healthy,
      canary: (n) => (isBaking ? { tookMs: 5, fault: "status 500" } : quick(n)),
    };
    const { judge } = bench(world, { ratePerSecond: 200 });
    await judge();
    isBaking = true;
    const finding = await judge(
      { stage: 5, kind: "bake", canary: ["a", "b", "c"], control: [] },
      { forMs: 60_000 },
    );
    expect(finding).toMatchObject({
      verdict: "harm",
      why: expect.stringContaining("than the old release before"),
    });
    expect(finding.evidence[0]).toMatch(/^errors .* old 0 of [\d,]+ before: worse/);
  });
});
