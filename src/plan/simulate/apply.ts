import { type Effect, noRelease, type Outcome, type ReleaseEffect } from "../effect.ts";
import type { ReleaseState, ReleaseView } from "../fleet.ts";
import { applyProcess } from "./process.ts";
import { changeHost, type Faults, type Rules, type SimulatedHost, type World } from "./world.ts";

export interface Applied {
  readonly world: World;
  readonly outcome: Outcome;
}

/** Does to a world what the layers do to a host: check of the epoch and effect are one step. */
export function applyEffect(rules: Rules, world: World, effect: Effect, epoch: number): Applied {
  const host = world.hosts.find((one) => one.host === effect.host);
  if (host === undefined)
    return { world, outcome: { outcome: "unknown", why: `${effect.host} is not there` } };
  if (epoch < host.epoch) return { world, outcome: { outcome: "stale", epoch: host.epoch } };
  return enforce(rules, world, host, effect);
}

function enforce(rules: Rules, world: World, host: SimulatedHost, effect: Effect): Applied {
  const fault = faultOf(rules.faults.get(effect.release) ?? {}, effect);
  if (fault !== null) return refuse(world, fault);
  switch (effect.layer) {
    case "release":
      return done(changeHost(world, host.host, (one) => applyRelease(one, effect)));
    case "database":
      return done({ ...world, migrations: [...world.migrations, effect.release] });
    case "hook":
    case "traffic":
      return done(world);
    case "process": {
      const { host: changed, refused } = applyProcess(rules, host, effect);
      const next = changeHost(world, host.host, () => changed);
      return refused === null ? done(next) : refuse(next, refused);
    }
  }
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

function done(world: World): Applied {
  return { world, outcome: { outcome: "done" } };
}

function refuse(world: World, code: string): Applied {
  return { world, outcome: { outcome: "refused", problem: { code, what: `${code} in the simulation.` } } };
}
