import { type Effect, noRelease, type Outcome, type ReleaseEffect } from "../effect.ts";
import type { ReleaseState, ReleaseView } from "../fleet.ts";
import { applyTraffic } from "./balancer.ts";
import { applyProcess } from "./process.ts";
import type { Faults, Rules, SimulatedBalancer, SimulatedHost, World } from "./world.ts";

interface Applied {
  readonly world: World;
  readonly outcome: Outcome;
}

/** Does to a world what the layers do to a host: check of the epoch and effect are one step. */
export function applyEffect(rules: Rules, world: World, effect: Effect, epoch: number): Applied {
  const { world: after, outcomes } = applyEffects(rules, world, [effect], epoch);
  return { world: after, outcome: outcomes[0] ?? unreached(effect.host) };
}

/** The same for many effects, linear in their number and that of the hosts. */
export function applyEffects(
  rules: Rules,
  world: World,
  effects: readonly Effect[],
  epoch: number,
): { readonly world: World; readonly outcomes: readonly Outcome[] } {
  const hosts = tableOf(world.hosts);
  const balancers = tableOf(world.balancers);
  const migrations = [...world.migrations];
  const outcomes = effects.map((effect): Outcome => {
    const table: Table<Target> = effect.layer === "traffic" ? balancers : hosts;
    const target = table.find(effect.host);
    if (target === undefined || target.isCutOff === true) return unreached(effect.host);
    if (epoch < target.epoch) return { outcome: "stale", epoch: target.epoch };
    const fault = faultOf(rules.faults.get(effect.release) ?? {}, effect);
    if (fault !== null) return refuse(fault);
    if (effect.layer === "database") migrations.push(effect.release);
    return enforce(rules, { hosts, balancers }, effect);
  });
  const next = { ...world, hosts: hosts.list(), balancers: balancers.list() };
  return { world: { ...next, migrations }, outcomes };
}

interface Target {
  readonly host: string;
  readonly epoch: number;
  readonly isCutOff?: boolean | undefined;
}

/** Targets by name; copied when the first of them changes. */
interface Table<T extends Target> {
  find(name: string): T | undefined;
  list(): readonly T[];
}

interface OpenTable<T extends Target> extends Table<T> {
  set(target: T): void;
}

function tableOf<T extends Target>(targets: readonly T[]): OpenTable<T> {
  const places = new Map(targets.map((target, place) => [target.host, place]));
  let copy: T[] | null = null;
  return {
    find: (name) => (copy ?? targets)[places.get(name) ?? -1],
    list: () => copy ?? targets,
    set(target) {
      copy ??= [...targets];
      copy[places.get(target.host) ?? -1] = target;
    },
  };
}

interface Tables {
  readonly hosts: OpenTable<SimulatedHost>;
  readonly balancers: OpenTable<SimulatedBalancer>;
}

function enforce(rules: Rules, { hosts, balancers }: Tables, effect: Effect): Outcome {
  if (effect.layer === "database" || effect.layer === "hook") return done;
  if (effect.layer === "traffic") {
    const before = balancers.find(effect.host);
    if (before === undefined) return unreached(effect.host);
    const { balancer, refused } = applyTraffic(rules, before, effect, (name) => hosts.find(name));
    balancers.set(balancer);
    return refused === null ? done : refuse(refused);
  }
  const before = hosts.find(effect.host);
  if (before === undefined) return unreached(effect.host);
  if (effect.layer === "release") {
    hosts.set(applyRelease(before, effect));
    return done;
  }
  const { host, refused } = applyProcess(rules, before, effect);
  hosts.set(host);
  return refused === null ? done : refuse(refused);
}

function faultOf(faults: Faults, effect: Effect): string | null {
  if (effect.layer === "database") return faults.migrate === true ? "MIGRATE_FAILED" : null;
  if (effect.layer === "hook") return faults.hooks?.includes(effect.point) === true ? "HOOK_FAILED" : null;
  if (effect.layer !== "release") return null;
  if (effect.verb === "stage" && faults.build === true) return "BUILD_FAILED";
  return effect.verb === "check" && faults.check === true ? "RELEASE_CHECK_FAILED" : null;
}

function applyRelease(host: SimulatedHost, effect: ReleaseEffect): SimulatedHost {
  switch (effect.verb) {
    case "check":
      return host;
    case "stage": {
      const staged: ReleaseView = { id: effect.release, state: "staged", wasLive: false };
      const others = host.releases.filter((release) => release.id !== effect.release);
      const known = host.releases.find((release) => release.id === effect.release);
      return known !== undefined && known.state !== "failed"
        ? host
        : { ...host, releases: [...others, staged] };
    }
    case "switch":
      if (effect.release === noRelease) return { ...host, current: null };
      return { ...mark(host, effect.release, "live"), current: effect.release };
    case "drain":
      return mark(host, effect.of, effect.mark);
  }
}

function mark(host: SimulatedHost, id: string, state: ReleaseState): SimulatedHost {
  const releases = host.releases.map((release) =>
    release.id === id ? { ...release, state, wasLive: release.wasLive || state === "live" } : release,
  );
  return { ...host, releases };
}

const done: Outcome = { outcome: "done" };

function unreached(host: string): Outcome {
  return { outcome: "unknown", why: `${host} is not there` };
}

function refuse(code: string): Outcome {
  return { outcome: "refused", problem: { code, what: `${code} in the simulation.` } };
}
