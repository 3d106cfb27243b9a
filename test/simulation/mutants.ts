import { decide } from "../../src/plan/decide.ts";
import type { Decision } from "../../src/plan/decision.ts";
import type { Effect } from "../../src/plan/effect.ts";
import type { Facts } from "../../src/plan/facts.ts";
import type { HostView, InstanceView, Observed, ServiceView } from "../../src/plan/fleet.ts";
import type { Goal } from "../../src/plan/record.ts";
import { applyEffect } from "../../src/plan/simulate/apply.ts";
import {
  changeHost,
  changeService,
  type Faults,
  type Rules,
  type World,
} from "../../src/plan/simulate/world.ts";
import { production } from "./scenarios.ts";
import type { Variant } from "./model.ts";
import type { Limits } from "./search.ts";

/** One safety rule switched off, and the smallest search that must notice. */
export interface Mutant {
  readonly name: string;
  readonly scenario: string;
  readonly change: Partial<Variant>;
  readonly limits?: Partial<Limits>;
  readonly faults?: Faults;
  readonly caughtBy: readonly string[];
}

export const mutants: readonly Mutant[] = [
  {
    name: "no barrier: hosts learn an epoch with its first effect",
    scenario: "redeploy",
    change: { barrier: "nowhere" },
    caughtBy: ["I5"],
  },
  { name: "no fence at the hosts", scenario: "redeploy", change: { fence: false }, caughtBy: ["I5"] },
  {
    name: "looks before its barrier",
    scenario: "two instances",
    change: { looksAfterBarrier: false },
    faults: { hooks: ["after-switch"] },
    caughtBy: ["I1"],
  },
  {
    name: "the journal takes records of the overtaken",
    scenario: "redeploy",
    change: { compareAndSet: false },
    caughtBy: ["I6", "I8", "I9", "I11"],
  },
  { name: "no write-ahead", scenario: "php-fpm", change: { writeAhead: false }, caughtBy: ["I11"] },
  {
    name: "a missing reply raises no epoch",
    scenario: "two instances",
    change: { reclaim: false },
    limits: { operators: 1, losses: 1 },
    faults: { hooks: ["before-switch"] },
    caughtBy: ["I11"],
  },
  {
    name: "no gate",
    scenario: "redeploy",
    change: { decide: seeing(allReady), apply: openUnchecked },
    caughtBy: ["I2"],
  },
  {
    name: "drain before switch",
    scenario: "two instances",
    change: { decide: drainFirst },
    caughtBy: ["I1"],
  },
  {
    name: "capacity off",
    scenario: "three instances, one extra",
    change: { decide: keepNone, apply: withoutGuard },
    caughtBy: ["I1"],
  },
  {
    name: "turns twice",
    scenario: "old release cannot start either",
    change: { decide: turnTwice },
    limits: { operators: 1, deaths: 1 },
    caughtBy: ["I9"],
  },
  { name: "no bake", scenario: "two instances", change: { decide: withoutBake }, caughtBy: ["I6"] },
  {
    name: "blind for harm",
    scenario: "two instances",
    change: { decide: seeing(neverRestarted) },
    limits: { deaths: 1 },
    caughtBy: ["I6"],
  },
  {
    name: "marks good before the verdict",
    scenario: "redeploy",
    change: { decide: markEarly },
    caughtBy: ["I6"],
  },
  {
    name: "ends before the old ones are gone",
    scenario: "redeploy",
    change: { decide: endEarly },
    caughtBy: ["I11"],
  },
  {
    name: "forgets current on the way back",
    scenario: "redeploy",
    change: { decide: seeing(currentIsBack) },
    caughtBy: ["I11"],
  },
  {
    name: "forgets the new instances on the way back",
    scenario: "redeploy",
    change: { decide: seeing(newOnesGone) },
    caughtBy: ["I11"],
  },
  {
    name: "migrates on the way back",
    scenario: "redeploy",
    change: { decide: migrateBack },
    faults: { hooks: ["after-switch"] },
    caughtBy: ["I8"],
  },
  {
    name: "tries for ever",
    scenario: "redeploy",
    change: { decide: withoutLimit, apply: lyingSwitch },
    caughtBy: ["I7"],
  },
];

export function variantOf(mutant: Mutant): Variant {
  return { ...production, ...mutant.change };
}

type Lie = (goal: Goal, facts: Facts, host: HostView) => HostView;

/** Decides on something else than what is there. */
export function seeing(lie: Lie): typeof decide {
  return (goal, facts, observed) => {
    const hosts = observed.hosts.map((host) => lie(goal, facts, host));
    return decide(goal, facts, { ...observed, hosts } satisfies Observed);
  };
}

function mapInstances(host: HostView, map: (one: InstanceView) => readonly InstanceView[]): HostView {
  const services = host.services.map((service): ServiceView => ({
    ...service,
    instances: service.instances.flatMap(map),
  }));
  return { ...host, services };
}

export function allReady(_goal: Goal, _facts: Facts, host: HostView): HostView {
  return mapInstances(host, (one) => [one.state === "starting" ? { ...one, state: "ready" } : one]);
}

function neverRestarted(_goal: Goal, _facts: Facts, host: HostView): HostView {
  return mapInstances(host, (one) => [{ ...one, restarts: 0 }]);
}

function currentIsBack(goal: Goal, facts: Facts, host: HostView): HostView {
  return facts.direction === "back" ? { ...host, current: goal.previous } : host;
}

function newOnesGone(goal: Goal, facts: Facts, host: HostView): HostView {
  if (facts.direction === "forward") return host;
  return mapInstances(host, (one) => (one.release === goal.release && one.state !== "open" ? [] : [one]));
}

function mapEffects(decision: Decision, map: (effect: Effect) => Effect): Decision {
  return decision.kind === "effects" ? { ...decision, effects: decision.effects.map(map) } : decision;
}

function drainFirst(goal: Goal, facts: Facts, observed: Observed): Decision {
  return mapEffects(decide(goal, facts, observed), (effect) =>
    effect.layer === "process" && effect.verb === "switch" ? { ...effect, verb: "drain", keep: 0 } : effect,
  );
}

function keepNone(goal: Goal, facts: Facts, observed: Observed): Decision {
  return mapEffects(decide(goal, facts, observed), (effect) =>
    effect.layer === "process" && effect.verb === "switch" ? { ...effect, keep: 0 } : effect,
  );
}

export function turnTwice(goal: Goal, facts: Facts, observed: Observed): Decision {
  const decision = decide(goal, facts, observed);
  if (facts.direction === "forward" || decision.kind !== "end" || decision.end !== "paused") return decision;
  return { kind: "turn", problem: { code: "TWICE", what: "Try the new one after all." } };
}

function withoutBake(goal: Goal, facts: Facts, observed: Observed): Decision {
  const decision = decide(goal, facts, observed);
  return decision.kind === "hold" ? { kind: "mark", mark: "promoted", why: "why wait" } : decision;
}

function markEarly(goal: Goal, facts: Facts, observed: Observed): Decision {
  return mapEffects(decide(goal, facts, observed), (effect) =>
    effect.layer === "release" && effect.verb === "check"
      ? { ...effect, verb: "drain", mark: "good", of: goal.release }
      : effect,
  );
}

function endEarly(goal: Goal, facts: Facts, observed: Observed): Decision {
  const decision = decide(goal, facts, observed);
  return facts.promoted && decision.kind === "effects" ? { kind: "end", end: "new" } : decision;
}

function migrateBack(goal: Goal, facts: Facts, observed: Observed): Decision {
  return mapEffects(decide(goal, facts, observed), (effect) =>
    facts.direction === "back" && effect.layer === "release" && effect.verb === "drain"
      ? { layer: "database", verb: "migrate", host: effect.host, release: goal.release }
      : effect,
  );
}

function withoutLimit(goal: Goal, facts: Facts, observed: Observed): Decision {
  return decide(goal, { ...facts, attempts: new Map() }, observed);
}

export function openUnchecked(
  rules: Rules,
  world: World,
  effect: Effect,
  epoch: number,
): ReturnType<typeof applyEffect> {
  const applied = applyEffect(rules, world, effect, epoch);
  if (effect.layer !== "process" || effect.verb !== "switch" || applied.outcome.outcome === "stale")
    return applied;
  const opened = changeHost(world, effect.host, (host) =>
    changeService(host, effect.service, (service) => ({
      ...service,
      live: effect.release,
      instances: service.instances.map((one) => ({
        ...one,
        state: one.release === effect.release ? "open" : "parked",
      })),
    })),
  );
  return { world: opened, outcome: { outcome: "done" } };
}

function withoutGuard(
  rules: Rules,
  world: World,
  effect: Effect,
  epoch: number,
): ReturnType<typeof applyEffect> {
  if (effect.verb !== "switch") return applyEffect(rules, world, effect, epoch);
  const specs = new Map(
    [...rules.specs].map(([id, spec]) => [
      id,
      { ...spec, services: spec.services.map((service) => ({ ...service, instances: 0 })) },
    ]),
  );
  return applyEffect({ ...rules, specs }, world, effect, epoch);
}

function lyingSwitch(
  rules: Rules,
  world: World,
  effect: Effect,
  epoch: number,
): ReturnType<typeof applyEffect> {
  const applied = applyEffect(rules, world, effect, epoch);
  if (effect.layer !== "release" || effect.verb !== "switch" || applied.outcome.outcome !== "done")
    return applied;
  return { world, outcome: applied.outcome };
}
