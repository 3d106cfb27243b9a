import type { decide } from "../../src/plan/decide.ts";
import type { Decision } from "../../src/plan/decision.ts";
import type { Effect, Outcome } from "../../src/plan/effect.ts";
import type { Facts } from "../../src/plan/facts.ts";
import { checkGates, checkStep, type Violation } from "../../src/plan/invariants.ts";
import type { applyEffect } from "../../src/plan/simulate/apply.ts";
import { observeWorld, type World } from "../../src/plan/simulate/world.ts";
import type { Keys } from "./keys.ts";
import type { Scenario } from "./scenario.ts";

/** The production parts and the rules of the loop; a mutant switches one of them off. */
export interface Variant {
  readonly decide: typeof decide;
  readonly apply: typeof applyEffect;
  /** Where the epoch is raised before anybody looks. */
  readonly barrier: "everywhere" | "hosts" | "nowhere";
  /** An operator who sees a higher epoch stops, and hosts refuse the lower one. */
  readonly fence: boolean;
  /** The journal refuses whoever has not read its end. */
  readonly compareAndSet: boolean;
  /** Intents are in the journal before their effects. */
  readonly writeAhead: boolean;
  /** A missing reply raises the epoch again. */
  readonly reclaim: boolean;
  /** An operator looks only behind its own barrier. */
  readonly looksAfterBarrier: boolean;
}

interface Applied {
  readonly world: World;
  readonly outcome: Outcome;
  readonly violation: Violation | null;
}

interface Attempt {
  readonly effect: Effect;
  readonly epoch: number;
  readonly facts: Facts;
  readonly observedBy: number;
}

/** How the effects of one decision, which run at once, come to their hosts: in every order, or in that of the list. */
export type Order = "any" | "listed";

/** One scenario under one set of rules. What is decided or done twice in the same situation is worked out once. */
export interface Model {
  readonly scenario: Scenario;
  readonly variant: Variant;
  readonly keys: Keys;
  readonly order: Order;
  decide(facts: Facts, world: World): Decision;
  apply(world: World, attempt: Attempt): Applied;
}

export function createModel(scenario: Scenario, variant: Variant, keys: Keys, order: Order = "any"): Model {
  const decisions = new Map<string, Decision>();
  const results = new Map<string, Applied>();
  return {
    scenario,
    variant,
    keys,
    order,
    decide(facts, world) {
      const key = `${keys.numberOfWorld(world)},${keys.numberOfFacts(facts)}`;
      const known = decisions.get(key);
      if (known !== undefined) return known;
      const decision = variant.decide(scenario.goal, facts, observeWorld(world));
      decisions.set(key, decision);
      return decision;
    },
    apply(world, attempt) {
      const { effect, epoch, facts, observedBy } = attempt;
      const key = `${keys.numberOfWorld(world)},${keys.numberOfEffect(effect)},${epoch},${keys.numberOfFacts(facts)},${observedBy}`;
      const known = results.get(key);
      if (known !== undefined) return known;
      const applied = applyWatched(scenario, variant, world, attempt);
      const result = { ...applied, world: keys.world(applied.world) };
      results.set(key, result);
      return result;
    },
  };
}

function applyWatched(scenario: Scenario, variant: Variant, before: World, attempt: Attempt): Applied {
  const { effect, epoch, facts, observedBy } = attempt;
  const { goal, rules } = scenario;
  const fence = variant.fence ? epoch : Number.MAX_SAFE_INTEGER;
  const { world: changed, outcome } = variant.apply(rules, before, effect, fence);
  if (outcome.outcome === "stale" || outcome.outcome === "unknown")
    return { world: before, outcome, violation: null };
  const after = variant.barrier === "everywhere" ? changed : learnEpoch(changed, effect.host, epoch);
  const step = { goal, facts, before, effect, epoch, after, observedBy };
  return { world: after, outcome, violation: checkStep(step) ?? checkGates(goal, after) };
}

/** Without a barrier a target learns of an epoch by its first effect. */
function learnEpoch(world: World, name: string, epoch: number): World {
  const learn = <T extends { readonly host: string; readonly epoch: number }>(one: T): T =>
    one.host === name ? { ...one, epoch: Math.max(one.epoch, epoch) } : one;
  return { ...world, hosts: world.hosts.map(learn), balancers: world.balancers.map(learn) };
}
