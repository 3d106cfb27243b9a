import { describe, expect, it } from "vitest";
import { decide } from "../../src/plan/decide.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import type { InstanceState, Observed } from "../../src/plan/fleet.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import { observeWorld, type World } from "../../src/plan/simulate/world.ts";
import { createBench } from "../simulation/bench.ts";
import {
  makeScenario,
  makeService,
  makeSpec,
  newRelease,
  oldRelease,
  type Scenario,
} from "../simulation/scenario.ts";

const redeploy = makeScenario("redeploy", { spec: makeSpec([makeService("web", { instances: 2 })]) });

function beginOf({ goal, world }: Scenario): JournalRecord {
  return { at: world.at, kind: "begin", goal, epoch: 1, operator: "test" };
}

function refusal({ goal }: Scenario, at: number): JournalRecord {
  const effect = { layer: "release", verb: "stage", host: "here", release: goal.release } as const;
  return {
    at,
    kind: "outcome",
    effect,
    outcome: { outcome: "refused", problem: { code: "BUILD_FAILED", what: "No." } },
  };
}

describe("decide", () => {
  it("waits for a host that cannot be seen, and pauses when it does not come back", () => {
    const facts = foldFacts([beginOf(redeploy)]);
    const gone = (at: number): Observed => ({ ...observeWorld(redeploy.world), at, hosts: [] });
    const begun = redeploy.world.at;
    expect(decide(redeploy.goal, facts, gone(begun))).toMatchObject({ kind: "hold", until: begun + 30_000 });
    expect(decide(redeploy.goal, facts, gone(begun + 30_000))).toMatchObject({
      kind: "end",
      end: "paused",
      problem: { code: "HOST_UNREACHABLE", exit: 6 },
    });
  });
  it("turns back with the reason of what was refused", () => {
    const facts = foldFacts([beginOf(redeploy), refusal(redeploy, 2)]);
    const decision = decide(redeploy.goal, facts, observeWorld(redeploy.world));
    expect(decision).toMatchObject({ kind: "turn", problem: { code: "BUILD_FAILED" } });
  });
  it("gives up an effect that is done again and again and never shows", () => {
    const effect = { layer: "release", verb: "stage", host: "here", release: newRelease } as const;
    const tries = Array.from({ length: 6 }, (_, at): JournalRecord => ({ at, kind: "intent", effect }));
    const decision = decide(
      redeploy.goal,
      foldFacts([beginOf(redeploy), ...tries]),
      observeWorld(redeploy.world),
    );
    expect(decision).toMatchObject({ kind: "turn", problem: { code: "STEP_STUCK" } });
  });
  it("turns back when an instance of the new release ends within the bake time, with its last words", () => {
    const check = { layer: "release", verb: "check", host: "here", release: newRelease } as const;
    const records: JournalRecord[] = [
      beginOf(redeploy),
      { at: 4, kind: "outcome", effect: check, outcome: { outcome: "done" } },
      { at: 5, kind: "mark", mark: "switched" },
    ];
    const switched = observeWorld(makeSwitched({ web: ["open", "open", "parked", "parked"] }));
    expect(decide(redeploy.goal, foldFacts(records), { ...switched, at: 6 })).toMatchObject({ kind: "hold" });
    const problem = { code: "INSTANCE_ENDED", what: "It exited with code 1.", evidence: ["boom"] };
    const dying: Observed = {
      ...switched,
      hosts: switched.hosts.map((host) => ({
        ...host,
        services: host.services.map((service) => ({
          ...service,
          problem,
          instances: service.instances.map((one) =>
            one.release === newRelease ? { ...one, restarts: 1 } : one,
          ),
        })),
      })),
    };
    expect(decide(redeploy.goal, foldFacts(records), dying)).toMatchObject({
      kind: "turn",
      problem: { code: "BAKE_FAILED", why: "It exited with code 1.", evidence: ["boom"] },
    });
  });
  it("takes an instance that is not open during the bake for harm", () => {
    const world = makeSwitched({ web: ["open"] });
    const facts = foldFacts([beginOf(redeploy), { at: 5, kind: "mark", mark: "switched" }]);
    expect(decide(redeploy.goal, facts, observeWorld(world))).toMatchObject({
      kind: "turn",
      problem: { what: expect.stringContaining("stopped taking traffic") },
    });
  });
  it("going back, opens everything warm before it starts what is missing", () => {
    const spec = makeSpec([makeService("web"), makeService("api", { port: 4000 })]);
    const scenario = makeScenario("two", { spec });
    const world = makeSwitched({ web: ["open"], api: ["open", "parked"] });
    const decision = decide(
      scenario.goal,
      foldFacts([beginOf(scenario), switching("api"), switching("web"), turn]),
      observeWorld(world),
    );
    expect(decision).toMatchObject({ effects: [{ service: "api", verb: "switch", release: oldRelease }] });
  });
  it("going back, moves the traffic of a service as a whole, unless the new instances no longer carry it", () => {
    const facts = foldFacts([beginOf(redeploy), switching("web"), turn]);
    const next = (states: readonly InstanceState[]) =>
      decide(redeploy.goal, facts, observeWorld(makeSwitched({ web: states })));
    expect(next(["open", "open", "parked"])).toMatchObject({
      effects: [{ verb: "stage", release: oldRelease, count: 2 }],
    });
    expect(next(["open", "starting", "parked"])).toMatchObject({
      effects: [{ verb: "switch", release: oldRelease }],
    });
  });
  it("going back, waits for an old instance that is being started again, and pauses when it stays down", () => {
    const facts = foldFacts([beginOf(redeploy), switching("web"), turn]);
    const restarting = makeSwitched({ web: ["open", "failed", "failed"] }, oldRelease);
    expect(decide(redeploy.goal, facts, { ...observeWorld(restarting), at: 4 })).toMatchObject({
      kind: "hold",
      until: 90_003,
    });
    expect(decide(redeploy.goal, facts, { ...observeWorld(restarting), at: 90_003 })).toMatchObject({
      kind: "end",
      end: "paused",
      problem: { code: "OLD_RELEASE_DOWN", exit: 5 },
    });
  });
  it("going back, leaves a service that was not switched as it is, though it be crash-looping", async () => {
    const [host] = redeploy.world.hosts;
    const services = (host?.services ?? []).map((service) => ({
      ...service,
      instances: service.instances.map((one) => ({
        ...one,
        state: "failed" as const,
        restarts: 7,
        checked: false,
      })),
    }));
    const world = { ...redeploy.world, hosts: redeploy.world.hosts.map((one) => ({ ...one, services })) };
    const faults = new Map([[newRelease, { boot: true }]]);
    const bench = createBench({ ...redeploy, world, rules: { ...redeploy.rules, faults } });
    expect(await bench.deploy()).toMatchObject({ end: "old", problem: { code: "HEALTH_FAILED", exit: 4 } });
    expect(bench.fleet.world.hosts[0]?.services).toEqual(services);
  });
  it("goes back to what runs of a release whose settings are unknown, and starts nothing of it", async () => {
    const { previousSpec: _, ...goal } = redeploy.goal;
    const faults = new Map([[newRelease, { hooks: ["after-switch"] as const }]]);
    const scenario = {
      ...redeploy,
      goal: { ...goal, spec: { ...goal.spec, hooks: { ...goal.spec.hooks, "after-switch": ["true"] } } },
      rules: { ...redeploy.rules, faults },
    };
    const bench = createBench(scenario);
    expect(await bench.deploy().catch(() => ({ end: "unchecked" }))).toBeDefined();
    expect(bench.fleet.world.hosts[0]).toMatchObject({
      current: oldRelease,
      services: [{ live: oldRelease }],
    });
    expect(bench.fleet.trace.filter((line) => line.endsWith("08 done") && line.includes("stage"))).toEqual(
      [],
    );
  });
});

function switching(service: string): JournalRecord {
  const effect = {
    layer: "process",
    verb: "switch",
    host: "here",
    service,
    release: newRelease,
    keep: 0,
  } as const;
  return { at: 2, kind: "intent", effect };
}

const turn: JournalRecord = { at: 3, kind: "turn", problem: { code: "BAKE_FAILED", what: "It died." } };

/** `current` is on the new release; parked instances, and failed ones that are being restarted, are of the old one. */
function makeSwitched(
  services: Readonly<Record<string, readonly InstanceState[]>>,
  live = newRelease,
): World {
  const hosts = redeploy.world.hosts.map((host) => ({
    ...host,
    current: newRelease,
    releases: [...host.releases, { id: newRelease, state: "live" as const, wasLive: true }],
    services: Object.entries(services).map(([name, states]) => ({
      name,
      live,
      reloadedFor: null,
      instances: states.map((state, n) => ({
        id: String(n),
        release: state === "parked" || state === "failed" ? oldRelease : newRelease,
        state,
        restarts: state === "failed" ? 1 : 0,
        checked: state !== "starting" && state !== "failed",
      })),
    })),
  }));
  return { ...redeploy.world, hosts };
}
