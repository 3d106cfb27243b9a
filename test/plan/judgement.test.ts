import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/plan/record.ts";
import type { JudgeSpec } from "../../src/plan/spec.ts";
import type { Judge } from "../../src/plan/fleet-port.ts";
import { decide } from "../../src/plan/decide.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import { observeWorld } from "../../src/plan/simulate/world.ts";
import { type Bench, createBench } from "../simulation/bench.ts";
import { findFleet, makeFleet } from "../simulation/fleets.ts";
import { makeService, makeSpec, newRelease, oldRelease, type Scenario } from "../simulation/scenario.ts";

const judged = findFleet("canary, judged");

function withJudge(change: Partial<JudgeSpec>): Scenario {
  const { canary } = judged.goal.rollout;
  if (canary?.judge === undefined) throw new Error("it has a judge");
  const rollout = { ...judged.goal.rollout, canary: { ...canary, judge: { ...canary.judge, ...change } } };
  return { ...judged, goal: { ...judged.goal, rollout } };
}

const evidence = ["errors: new 12 of 240, old 0 of 240"];

/** Finds this in the stages of that name, and everything else sound when its time is over. */
function judgeOf(
  bench: Bench,
  words: string,
  finding: Partial<Finding> | null,
): Judge & { asked: unknown[] } {
  const { clock } = bench;
  const asked: unknown[] = [];
  return {
    asked,
    async watch({ says, kind, least }, known) {
      asked.push(known);
      const isMeant = `${kind}: ${says}`.includes(words);
      if (isMeant && finding?.verdict === "harm")
        return { why: "Harmful: errors.", evidence, ...finding } as Finding;
      if (clock.now() < least) await clock.sleep(least - clock.now());
      else if (isMeant && finding === null) await clock.sleep(1000);
      if (kind === "bake" || (isMeant && finding === null)) return null;
      return {
        verdict: "sound",
        why: "Sound.",
        evidence,
        known: { requests: asked.length },
        ...(isMeant ? finding : {}),
      };
    },
  };
}

async function deploy(scenario: Scenario, words: string, finding: Partial<Finding> | null) {
  const bench = createBench(scenario);
  const judge = judgeOf(bench, words, finding);
  return { bench, judge, ended: await bench.deploy({ judge }) };
}

function serving({ fleet }: Bench): readonly (string | null)[] {
  return fleet.world.hosts.map(({ current }) => current);
}

const harm: Partial<Finding> = { verdict: "harm" };

describe("a stage that the judge watches", () => {
  it("ends by a sound verdict when its time is over, and nobody has to watch", async () => {
    const { bench, ended } = await deploy(judged, "nothing special", {});
    expect([ended.end, ...serving(bench)]).toEqual(["new", newRelease, newRelease, newRelease]);
    const kinds = bench.disk.records.flatMap((record) => (record.kind === "verdict" ? [record.stage] : []));
    expect(kinds).toHaveLength(2);
  });

  it("turns back at once where harm is found, with the evidence", async () => {
    const { bench, ended } = await deploy(judged, "release: 25 % of web", harm);
    expect([ended.end, ...serving(bench)]).toEqual(["old", oldRelease, oldRelease, oldRelease]);
    expect(ended.problem).toMatchObject({
      code: "CANARY_HARM",
      what: `Release ${newRelease} does harm. Harmful: errors.`,
      why: `It was seen beside release ${oldRelease}, with 25 % of web to canary a.`,
      evidence,
      exit: 4,
    });
  });

  it("pauses where harm shall pause; resume judges anew from nothing, promote goes on all the same", async () => {
    const pausing = withJudge({ onHarm: "pause" });
    for (const way of ["resume", "promote", "abort"] as const) {
      const { bench, ended } = await deploy(pausing, "release: 25 % of web", {
        ...harm,
        known: { harm: true },
      });
      expect(ended).toMatchObject({ end: "paused", problem: { code: "CANARY_HARM", exit: 6 } });
      const again = judgeOf(bench, "", {});
      expect((await bench.takeOver(way, { judge: again })).end).toBe(way === "abort" ? "old" : "new");
      expect(again.asked[0] ?? null).toBe(null);
    }
  });

  it.each<[string, Partial<Finding> | null]>([
    ["it cannot tell", { verdict: "inconclusive" }],
    ["nothing was measured", null],
  ])("never goes on by itself when %s", async (_what, finding) => {
    const { bench, ended } = await deploy(judged, "release: 25 % of web", finding);
    expect(ended).toMatchObject({ end: "paused", problem: { code: "CANARY_UNCERTAIN", exit: 6 } });
    expect(ended.problem?.fix).toContain("cutover resume");
    expect((await bench.takeOver("promote")).end).toBe("new");
  });

  it("pauses where the balancer gives other shares than it was told, with what to look for", async () => {
    const found: Partial<Finding> = {
      verdict: "inconclusive",
      cause: "split",
      why: "Of 9 requests, a got all.",
    };
    const { bench, ended } = await deploy(judged, "release: 25 % of web", found);
    expect(ended).toMatchObject({
      end: "paused",
      problem: {
        code: "CANARY_SPLIT",
        what: "The balancer does not divide the requests as it was told.",
        why: expect.stringMatching(/^Of 9 requests, a got all\. .* does not go on by itself\.$/),
        evidence,
        fix: expect.stringMatching(
          /^Find out .*cutover status.*split: false.*cutover resume.*cutover promote.*cutover abort/,
        ),
        exit: 6,
      },
    });
    expect((await bench.takeOver("resume")).end).toBe("new");
  });

  it("is watched on when its least time is over, to the longest at most, and paused then", async () => {
    for (const [withinMs, longest] of [
      [60_000, 60_000],
      [1000, 5000],
    ] as const) {
      const { bench, ended } = await deploy(withJudge({ withinMs }), "release: 25 % of web", null);
      expect(ended).toMatchObject({ end: "paused", problem: { code: "CANARY_UNCERTAIN", exit: 6 } });
      const holds = bench.events.flatMap((event) => (event.event === "hold" ? [event] : []));
      const judging = holds.filter(({ why }) => why.startsWith("judging"));
      const [first, second] = judging;
      const began = (first?.until ?? 0) - 5000;
      expect(second?.until).toBe(began + longest + (longest === 5000 ? 30_000 : 0));
      expect(bench.clock.now()).toBeGreaterThanOrEqual(began + longest);
      if (longest === 60_000)
        expect(judging.map(({ why }) => why).slice(0, 2)).toEqual([
          "judging the new release with 25 % of web to canary a, for 5 s; cutover promote goes on at once",
          "judging the new release with 25 % of web to canary a until it is settled, for 1 min at most; cutover promote goes on at once",
        ]);
    }
  });

  it("goes on as soon as it is settled, however long the judge might have taken", async () => {
    const quick = await deploy(withJudge({ withinMs: 3_600_000 }), "nothing special", {});
    const usual = await deploy(judged, "nothing special", {});
    expect([quick.ended.end, quick.ended.ms]).toEqual(["new", usual.ended.ms]);
  });

  it("takes no longer in a dry run, even when nothing was settled", async () => {
    const patient = withJudge({ isDryRun: true, withinMs: 3_600_000 });
    const { bench, ended } = await deploy(patient, "release", null);
    expect(ended.end).toBe("new");
    expect(bench.clock.now() - bench.scenario.world.at).toBeLessThan(120_000);
  });

  it("only tells in a dry run", async () => {
    const { bench, ended } = await deploy(withJudge({ isDryRun: true }), "release", harm);
    expect(ended.end).toBe("new");
    expect(bench.events).toContainEqual(
      expect.objectContaining({ event: "judge", verdict: "harm", isDryRun: true }),
    );
  });

  it("gives back what was known to whoever goes on after a crash", async () => {
    let bench = createBench(judged);
    for (let record = 1; !bench.disk.records.some(({ kind }) => kind === "verdict"); record += 1) {
      bench = createBench(judged);
      await bench.deploy({ judge: judgeOf(bench, "", {}), crash: { record, moment: "after" } });
    }
    const second = judgeOf(bench, "", {});
    await bench.takeOver("resume", { judge: second });
    expect(second.asked).toContainEqual({ requests: 1 });
  });
});

describe("servers that are worse with the old release already", () => {
  it("refuse the canary before anything is touched", async () => {
    const { bench, ended } = await deploy(judged, "hosts", harm);
    expect(ended).toMatchObject({ end: "old", problem: { code: "CANARY_HOST_SICK", exit: 4 } });
    expect(bench.fleet.trace.filter((line) => !line.includes("release."))).toEqual([]);
  });

  it("are not compared where nobody asks for it, nor at a first deployment", async () => {
    expect((await deploy(withJudge({ hostCheckMs: 0 }), "hosts", harm)).ended.end).toBe("new");
    const { rollout, hosts, balancers } = judged.goal;
    const first = makeFleet("first", { hosts, balancers, previousSpec: null, rollout });
    expect((await deploy(first, "", harm)).ended.end).toBe("new");
  });
});

describe("the bake time", () => {
  it("stays as it is where harm shall pause, and who serves is told as it is", async () => {
    const { ended } = await deploy(withJudge({ onHarm: "pause" }), "bake", harm);
    expect(ended).toMatchObject({ end: "paused", problem: { code: "BAKE_HARM", exit: 6 } });
    expect(ended.problem?.state).toContain(`On b current is ${newRelease}`);
  });

  it("goes back where harm is found in it", async () => {
    const { bench, ended } = await deploy(judged, "bake", harm);
    expect(ended).toMatchObject({ end: "old", problem: { code: "BAKE_HARM" } });
    expect(serving(bench)).toEqual([oldRelease, oldRelease, oldRelease]);
  });
});

describe("memory beyond the limit", () => {
  it("is harm, and the place and the figures are told", () => {
    const spec = makeSpec([makeService("web", { memoryBytes: 128 * 1024 * 1024 })]);
    const { goal, world } = makeFleet("one", { hosts: ["a", "b"], spec });
    const observed = observeWorld(world);
    const heavy = {
      id: "1",
      release: newRelease,
      state: "open",
      restarts: 0,
      memoryBytes: 190 * 1024 * 1024,
    } as const;
    const hosts = observed.hosts.map((host) =>
      host.host === "b"
        ? host
        : { ...host, services: [{ name: "web", live: newRelease, instances: [heavy] }] },
    );
    const begin = { at: 0, kind: "begin", goal, epoch: 1, operator: "me" } as const;
    expect(decide(goal, foldFacts([begin]), { ...observed, hosts })).toMatchObject({
      kind: "turn",
      problem: {
        code: "RELEASE_MEMORY",
        what: `An instance of web of release ${newRelease} on a grew beyond its memory limit: it uses 190 MB, and its limit is 128 MB.`,
      },
    });
  });
});
