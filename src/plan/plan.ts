import { type Base, describeBase } from "./base.ts";
import { decide } from "./decide.ts";
import type { Decision, Watch } from "./decision.ts";
import { duration } from "./duration.ts";
import type { Effect } from "./effect.ts";
import { explainEffect } from "./explain.ts";
import { addRecord, noFacts, type OpenFacts } from "./facts.ts";
import type { Observed } from "./fleet.ts";
import type { Goal } from "./record.ts";
import { nameHosts } from "./strategies/in-place.ts";
import { applyEffects } from "./simulate/apply.ts";
import { observeWorld, type Rules, type World, worldOf } from "./simulate/world.ts";

/** What a deployment would do, in order. */
export interface Plan {
  readonly goal: Goal;
  readonly base: Base;
  readonly steps: readonly PlannedStep[];
}

export interface PlannedStep {
  readonly sentence: string;
  /** Why the decision asks for it. */
  readonly why: string;
  /** Index of the stage of the rollout it belongs to; as many as there are stages: after the last one. */
  readonly stage: number;
  /** Absent: a wait of `waitMs`. */
  readonly effect?: Effect | undefined;
  readonly waitMs?: number | undefined;
}

/** The production decision, run against a simulated copy of what is there in which everything works. */
export function planDeployment(goal: Goal, observed: Observed): Plan {
  const rules: Rules = { specs: specsOf(goal), faults: new Map() };
  const facts = noFacts();
  const steps: PlannedStep[] = [];
  let world = worldOf(observed);
  for (;;) {
    const decision = decide(goal, facts, observeWorld(world));
    if (decision.kind === "end") return { goal, base: describeBase(observed), steps };
    const stage = facts.stage + 1;
    for (const step of stepsOf(goal, decision, { at: world.at, stage, isPromoted: facts.promoted }))
      steps.push(step);
    world = follow({ rules, facts }, world, decision);
  }
}

function specsOf(goal: Goal): Rules["specs"] {
  const specs = new Map([[goal.release, goal.spec]]);
  if (goal.previous !== null) specs.set(goal.previous, goal.previousSpec ?? goal.spec);
  return specs;
}

function stepsOf(goal: Goal, decision: Decision, { at, stage, isPromoted }: Moment): readonly PlannedStep[] {
  if (decision.kind === "hold") {
    const waitMs = overAt(decision, at) - at;
    const verb = isPromoted ? "Leave the old half warm" : describeWatch(decision.watch);
    const isJudged = decision.watch?.kind === "release";
    const time = `for ${duration(waitMs)}${isJudged ? ", and on until it is settled" : ""}`;
    return [{ sentence: `${verb} ${time}`, why: decision.why, stage, waitMs }];
  }
  if (decision.kind !== "effects") return [];
  return decision.effects.map((effect) => ({
    sentence: explainEffect(effect, goal),
    why: decision.why,
    stage,
    effect,
  }));
}

/** A release that is as good as one hopes is settled in the least time. */
function overAt({ until, watch }: Decision & { kind: "hold" }, at: number): number {
  return watch === undefined || watch.kind === "bake" ? until : Math.max(at, watch.least);
}

function describeWatch(watch: Watch | undefined): string {
  if (watch === undefined) return "Watch it";
  if (watch.kind === "hosts")
    return `Compare ${nameHosts(watch.canary)} with the others, all on the old release,`;
  return watch.kind === "bake" ? "Watch and judge it" : "Judge it beside the old release";
}

interface Moment {
  readonly at: number;
  readonly stage: number;
  readonly isPromoted: boolean;
}

const asHoped = { verdict: "sound", why: "", evidence: [] } as const;

interface Course {
  readonly rules: Rules;
  readonly facts: OpenFacts;
}

function follow({ rules, facts }: Course, world: World, decision: Decision): World {
  switch (decision.kind) {
    case "end":
      return world;
    case "hold": {
      const at = overAt(decision, world.at);
      if (decision.watch !== undefined && decision.watch.kind !== "bake")
        addRecord(facts, { at, kind: "verdict", stage: decision.watch.stage, ...asHoped });
      return { ...world, at };
    }
    case "mark":
      addRecord(facts, { at: world.at, kind: "mark", mark: decision.mark });
      return world;
    case "stage":
      addRecord(facts, { at: world.at, kind: "stage", stage: decision.stage });
      return world;
    case "turn":
      addRecord(facts, { at: world.at, kind: "turn", problem: decision.problem });
      return world;
    case "effects": {
      const applied = applyEffects(rules, world, decision.effects, Number.MAX_SAFE_INTEGER);
      for (const [index, effect] of decision.effects.entries()) {
        const outcome = applied.outcomes[index];
        addRecord(facts, { at: world.at, kind: "intent", effect });
        if (outcome !== undefined) addRecord(facts, { at: world.at, kind: "outcome", effect, outcome });
      }
      return applied.world;
    }
  }
}
