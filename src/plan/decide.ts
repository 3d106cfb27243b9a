import { goBack } from "./back.ts";
import type { Decision, Effects, Situation } from "./decision.ts";
import { effectKey } from "./effect-key.ts";
import type { Facts } from "./facts.ts";
import type { Observed } from "./fleet.ts";
import { goForward } from "./forward.ts";
import type { Goal } from "./record.ts";
import { rolloutOf } from "./rollout.ts";
import { pausedProblem, stuckProblem, unreachableProblem } from "./trouble.ts";

const patienceMs = 30_000;

/**
 * What to do next, from the goal, the journal's facts and what is observed now. There is no program counter: after a crash
 * the same call goes on. Linear in hosts.
 */
export function decide(goal: Goal, facts: Facts, observed: Observed): Decision {
  if (facts.ended !== null) return { kind: "end", ...facts.ended };
  const rollout = rolloutOf(goal);
  const hosts = pick(rollout.order, observed.hosts);
  const balancers = pick(goal.balancers, observed.balancers);
  if (hosts.missing.length + balancers.missing.length > 0)
    return waitFor(goal, facts, observed, [...hosts.missing, ...balancers.missing]);
  const situation = { goal, facts, rollout, hosts: hosts.found, balancers: balancers.found, at: observed.at };
  const decision = facts.direction === "forward" ? goForward(situation) : goBack(situation);
  return decision.kind === "effects" ? refuseEndless(situation, decision) : decision;
}

interface Reachable {
  readonly host: string;
  readonly reachable: boolean;
  readonly seenAt?: number | undefined;
  readonly why?: string | undefined;
}

interface Missing {
  readonly name: string;
  readonly seenAt: number;
  readonly why: string | undefined;
}

function pick<View extends Reachable>(
  names: readonly string[],
  views: readonly View[],
): { readonly found: readonly View[]; readonly missing: readonly Missing[] } {
  const seen = new Map(views.map((view) => [view.host, view]));
  const found: View[] = [];
  const missing: Missing[] = [];
  for (const name of names) {
    const view = seen.get(name);
    if (view?.reachable === true) found.push(view);
    else missing.push({ name, seenAt: view?.seenAt ?? 0, why: view?.why });
  }
  return { found, missing };
}

function waitFor(goal: Goal, facts: Facts, { at }: Observed, missing: readonly Missing[]): Decision {
  const since = Math.min(...missing.map(({ seenAt }) => Math.max(seenAt, facts.lastAt)));
  const until = since + patienceMs;
  const names = missing.map(({ name }) => name);
  if (at < until) return { kind: "hold", until, why: `waiting for ${names.join(", ")}` };
  return { kind: "end", end: "paused", problem: unreachableProblem(goal, missing) };
}

/** An effect that never shows has to have an end too. */
function refuseEndless(situation: Situation, decision: Effects): Decision {
  const { facts } = situation;
  const limit = 4 + Math.max(0, ...situation.goal.spec.services.map((service) => service.instances));
  for (const effect of decision.effects) {
    const attempts = facts.attempts.get(effectKey(effect)) ?? 0;
    if (attempts < limit) continue;
    const problem = stuckProblem(effect, attempts, facts.lastUnknown);
    if (facts.direction === "forward" && !facts.promoted) return { kind: "turn", problem };
    return { kind: "end", end: "paused", problem: pausedProblem(situation, problem) };
  }
  return decision;
}
