import { describe, expect, it } from "vitest";
import type { HostView } from "../../src/plan/fleet.ts";
import type { Fleet } from "../../src/plan/fleet-port.ts";
import type { Faults } from "../../src/plan/simulate/world.ts";
import { type Bench, createBench } from "../simulation/bench.ts";
import {
  allHooks,
  makeScenario,
  makeService,
  makeSpec,
  makeWorker,
  newRelease,
  oldRelease,
} from "../simulation/scenario.ts";

const web = makeService("web", { instances: 2 });

describe("a deployment", () => {
  it("goes through stage, check, switch, bake and drain in order", async () => {
    const spec = makeSpec([web, makeWorker("mail"), makeService("php", { engine: "php-fpm" })], {
      hooks: allHooks,
      migrate: { run: "migrate", timeoutMs: 1000 },
    });
    const bench = createBench(makeScenario("redeploy", { spec }));
    const result = await bench.deploy();
    expect(bench.fleet.trace).toMatchInlineSnapshot(`
      [
        "release.stage 09 done",
        "release.check 09 done",
        "database.migrate 09 done",
        "web.stage=2 09 done",
        "web.check 09 done",
        "hook.run:before-switch 09 done",
        "release.switch 09 done",
        "web.switch~0 09 done",
        "php.switch~0 09 done",
        "mail.stage=1 09 done",
        "mail.check 09 done",
        "mail.switch~0 09 done",
        "mail.drain~0 09 done",
        "hook.run:after-switch 09 done",
        "web.drain~0 09 done",
        "release.drain 09 done",
        "hook.run:after-deploy 09 done",
      ]
    `);
    expect(result).toMatchObject({ end: "new", ms: 10_000 });
  });
  it("never has fewer than the wanted instances accepting when only one extra may run", async () => {
    const spec = makeSpec([makeService("web", { instances: 3 })], { surge: 1 });
    const bench = createBench(makeScenario("surge", { spec }));
    expect(await bench.deploy()).toMatchObject({ end: "new" });
    expect(bench.fleet.trace).toMatchInlineSnapshot(`
      [
        "release.stage 09 done",
        "release.check 09 done",
        "web.stage=1 09 done",
        "web.check 09 done",
        "release.switch 09 done",
        "web.switch~2 09 done",
        "web.drain~2 09 done",
        "web.stage=2 09 done",
        "web.check 09 done",
        "web.switch~1 09 done",
        "web.drain~1 09 done",
        "web.stage=3 09 done",
        "web.check 09 done",
        "web.switch~0 09 done",
        "web.drain~0 09 done",
        "release.drain 09 done",
      ]
    `);
  });
  it.each<[string, Faults]>([
    ["build", { build: true }],
    ["check", { check: true }],
    ["migration", { migrate: true }],
    ["boot", { boot: true }],
    ["before-switch hook", { hooks: ["before-switch"] }],
    ["after-switch hook", { hooks: ["after-switch"] }],
  ])("goes back when the %s fails, and says that the old release serves", async (_, faults) => {
    const spec = makeSpec([web], { hooks: allHooks, migrate: { run: "migrate", timeoutMs: 1000 } });
    const bench = createBench(makeScenario("bad", { spec, faults }));
    const result = await bench.deploy();
    expect(result.end).toBe("old");
    expect(result.problem).toMatchObject({
      exit: 4,
      state: expect.stringContaining(`${oldRelease} serves as before`),
    });
    expect(bench.fleet.world.hosts[0]).toMatchObject({
      current: oldRelease,
      services: [{ live: oldRelease }],
    });
    expect(bench.fleet.world.hosts[0]?.services[0]?.instances.map((one) => one.release)).toEqual([
      oldRelease,
      oldRelease,
    ]);
  });
  it("leaves nothing behind when the first one fails", async () => {
    const bench = createBench(
      makeScenario("first", { spec: makeSpec([web]), previousSpec: null, faults: { boot: true } }),
    );
    const result = await bench.deploy();
    expect(result.problem?.state).toContain("Nothing is live");
    expect(bench.fleet.world.hosts[0]).toMatchObject({ current: null, services: [] });
  });
  it("stops the old instances first when the program cannot run twice", async () => {
    const bench = createBench(makeScenario("recreate", { spec: makeSpec([web]), strategy: "recreate" }));
    expect(await bench.deploy()).toMatchObject({ end: "new" });
    expect(bench.fleet.trace).toMatchInlineSnapshot(`
      [
        "release.stage 09 done",
        "release.check 09 done",
        "web.drain~0 09 done",
        "release.switch 09 done",
        "web.stage=2 09 done",
        "web.check 09 done",
        "web.switch~0 09 done",
        "release.drain 09 done",
      ]
    `);
  });
  it("is undone by an interrupt before the switch", async () => {
    const bench = createBench(makeScenario("interrupt", { spec: makeSpec([web]) }));
    const stop = new AbortController();
    bench.fleet.watch = (_, effect) => effect.verb === "check" && stop.abort();
    expect(await bench.deploy({ signal: stop.signal })).toMatchObject({
      end: "old",
      problem: { code: "DEPLOY_ABORTED", exit: 4 },
    });
  });
  it.each(["resume", "abort"] as const)(
    "is interrupted after the switch, and %s ends it",
    async (command) => {
      const bench = createBench(makeScenario("interrupt", { spec: makeSpec([web]) }));
      const stop = new AbortController();
      bench.fleet.watch = (_, effect) => effect.verb === "switch" && stop.abort();
      expect(await bench.deploy({ signal: stop.signal })).toMatchObject({
        end: "interrupted",
        problem: { exit: 6 },
      });
      expect(await bench.takeOver(command)).toMatchObject({ end: command === "resume" ? "new" : "old" });
      const release = command === "resume" ? newRelease : oldRelease;
      expect(bench.fleet.world.hosts[0]).toMatchObject({ current: release, services: [{ live: release }] });
      await expect(bench.takeOver(command)).rejects.toMatchObject({ detail: { code: "NOTHING_TO_RESUME" } });
    },
  );
  it("ends well although a cleanup hook fails, which is only a warning", async () => {
    const spec = makeSpec([web], { hooks: allHooks });
    const good = createBench(makeScenario("warn", { spec, faults: { hooks: ["after-deploy"] } }));
    expect(await good.deploy()).toMatchObject({ end: "new" });
    expect(good.events).toContainEqual({
      event: "warning",
      problem: expect.objectContaining({ code: "HOOK_FAILED" }),
    });
    const bad = createBench(makeScenario("warn", { spec, faults: { boot: true, hooks: ["on-failure"] } }));
    expect(await bad.deploy()).toMatchObject({ end: "old", problem: { code: "HEALTH_FAILED" } });
  });
  it("may end a build early on a wish to stop, but nothing from the switch on", async () => {
    const bench = createBench(makeScenario("signal", { spec: makeSpec([web]) }));
    const { signal } = new AbortController();
    const passed = new Map<string, boolean>();
    const through = (fleet: Fleet): Fleet => ({
      ...fleet,
      apply: (effect, epoch, given) => {
        passed.set(`${effect.layer} ${effect.verb}`, given === signal);
        return fleet.apply(effect, epoch);
      },
    });
    await bench.deploy({ signal, through });
    expect(passed.get("release stage")).toBe(true);
    expect(passed.get("process switch")).toBe(false);
    expect(passed.get("process drain")).toBe(false);
  });
});

describe("what a step noted", () => {
  it("is told with its outcome, once", async () => {
    const bench = createBench(makeScenario("notes", { spec: makeSpec([web]) }));
    const through = (fleet: Fleet): Fleet => ({
      ...fleet,
      async apply(effect, epoch) {
        const outcome = await fleet.apply(effect, epoch);
        return effect.verb === "stage" && effect.layer === "release"
          ? { outcome: "done", notes: ["from the cache"] }
          : outcome;
      },
    });
    await bench.deploy({ through });
    expect(bench.events.filter((event) => JSON.stringify(event).includes("from the cache"))).toHaveLength(1);
  });
});

describe("whoever takes over", () => {
  const scenario = makeScenario("taken over", { spec: makeSpec([web], { bakeMs: 60_000 }) });
  const hourMs = 3_600_000;
  /** Killed in the middle of the bake; the same hosts as somebody sees them whose clock differs by so much. */
  const killedInBake = async (differenceMs: number): Promise<Bench> => {
    const undisturbed = createBench(scenario);
    await undisturbed.deploy();
    const { records } = undisturbed.disk;
    const switched = records.findIndex((record) => record.kind === "mark" && record.mark === "switched");
    const bench = createBench(scenario);
    const crash = { record: switched + 1, moment: "after" } as const;
    expect(await bench.deploy({ crash })).toEqual({ end: "killed" });
    const { world } = bench.fleet;
    return createBench(scenario, { ...world, at: world.at + differenceMs }, Buffer.from(bench.disk.bytes));
  };

  it("watches for the whole bake time, although its clock is ahead of that of the one before", async () => {
    const ahead = await killedInBake(hourMs);
    expect(await ahead.takeOver("resume")).toMatchObject({ end: "new" });
    const { records } = ahead.disk;
    const claimed = records.find(({ kind }) => kind === "claim");
    const promoted = records.find((record) => record.kind === "mark" && record.mark === "promoted");
    expect((promoted?.at ?? 0) - (claimed?.at ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  it("waits for a host that is lost for a moment, although its clock is behind that of the one before", async () => {
    const behind = await killedInBake(-hourMs);
    const began = behind.fleet.world.at;
    let seenAt = began;
    const through = (fleet: Fleet): Fleet => ({
      ...fleet,
      async observe() {
        const observed = await fleet.observe();
        const isLost = observed.at > began + 40_000 && observed.at < began + 45_000;
        if (isLost) return { ...observed, hosts: observed.hosts.map(({ host }) => absent(host, seenAt)) };
        seenAt = observed.at;
        return observed;
      },
    });
    expect(await behind.takeOver("resume", { through })).toMatchObject({ end: "new" });
  });
});

function absent(host: string, seenAt: number): HostView {
  return { host, reachable: false, seenAt, epoch: 0, current: null, releases: [], services: [] };
}

describe("an operator who was stopped for a while", () => {
  const scenario = makeScenario("stale", { spec: makeSpec([web]) });
  const abortAt =
    (bench: Bench, when: "apply" | "observe") =>
    (fleet: Fleet): Fleet => {
      let isOvertaken = false;
      const overtake = async (): Promise<void> => {
        if (isOvertaken) return;
        isOvertaken = true;
        expect(await bench.takeOver("abort")).toMatchObject({ end: "old" });
      };
      return {
        raiseEpoch: (operator) => fleet.raiseEpoch(operator),
        async observe() {
          if (when === "observe" && bench.fleet.trace.length > 4) await overtake();
          return fleet.observe();
        },
        async apply(effect, epoch) {
          if (when === "apply" && effect.verb === "switch") await overtake();
          return fleet.apply(effect, epoch);
        },
      };
    };

  it.each(["apply", "observe"] as const)(
    "stops at once when it wakes up at %s, and changes nothing",
    async (when) => {
      const bench = createBench(scenario);
      const deployment = bench.deploy({ through: abortAt(bench, when) });
      await expect(deployment).rejects.toMatchObject({
        detail: { code: "LOCK_STALE", exit: 6, why: expect.stringContaining("has accepted epoch 2") },
      });
      expect(bench.disk.records.at(-1)).toMatchObject({ kind: "end", end: "old" });
      expect(bench.fleet.world.hosts[0]).toMatchObject({
        current: oldRelease,
        services: [{ live: oldRelease }],
      });
      expect(bench.fleet.trace.filter((line) => line.endsWith("stale"))).toHaveLength(
        when === "apply" ? 1 : 0,
      );
    },
  );
});
