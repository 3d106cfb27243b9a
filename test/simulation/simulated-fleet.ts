import type { Effect, Outcome } from "../../src/plan/effect.ts";
import type { Fleet } from "../../src/plan/fleet-port.ts";
import { applyEffect } from "../../src/plan/simulate/apply.ts";
import { observeWorld, type Rules, type World } from "../../src/plan/simulate/world.ts";
import type { Clock } from "../../src/execute/clock.ts";

/** The simulated hosts behind the Fleet port: they outlive the operators that a test kills. */
export interface SimulatedFleet extends Fleet {
  world: World;
  readonly rules: Rules;
  readonly trace: string[];
  /** Called at every effect a host lets through, with the world before and after. */
  watch: (before: World, effect: Effect, after: World, outcome: Outcome) => void;
}

export function createSimulatedFleet(rules: Rules, world: World, clock: Clock): SimulatedFleet {
  const fleet: SimulatedFleet = {
    world,
    rules,
    trace: [],
    watch: () => undefined,
    raiseEpoch() {
      const epoch = highestEpoch(fleet.world) + 1;
      fleet.world = raiseEpochs(fleet.world, epoch);
      return Promise.resolve(epoch);
    },
    observe() {
      fleet.world = { ...fleet.world, at: clock.now() };
      return Promise.resolve(observeWorld(fleet.world));
    },
    apply(effect, epoch) {
      const before = fleet.world;
      const { world: after, outcome } = applyEffect(rules, before, effect, epoch);
      fleet.world = after;
      fleet.trace.push(`${describe(effect)} ${outcome.outcome}`);
      if (outcome.outcome !== "stale") fleet.watch(before, effect, after, outcome);
      return Promise.resolve(outcome);
    },
  };
  return fleet;
}

export function highestEpoch({ hosts, balancers }: World): number {
  return Math.max(...[...hosts, ...balancers].map((target) => target.epoch));
}

export function raiseEpochs(world: World, epoch: number): World {
  const hosts = world.hosts.map((host) => ({ ...host, epoch }));
  return { ...world, hosts, balancers: world.balancers.map((balancer) => ({ ...balancer, epoch })) };
}

function describe(effect: Effect): string {
  const name =
    effect.layer === "process" ? `${effect.service}.${effect.verb}` : `${effect.layer}.${effect.verb}`;
  const point = effect.layer === "hook" ? `:${effect.point}` : "";
  const count =
    effect.layer !== "process"
      ? ""
      : "count" in effect
        ? `=${effect.count}`
        : "keep" in effect
          ? `~${effect.keep}`
          : "";
  return `${name}${point}${count} ${effect.release.slice(8, 10)}`;
}
