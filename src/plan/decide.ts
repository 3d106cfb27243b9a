import { goBack } from "./back.ts";
import type { Decision, Effects, Situation } from "./decision.ts";
import { effectKey } from "./effect-key.ts";
import type { Facts } from "./facts.ts";
import type { HostView, Observed } from "./fleet.ts";
import { goForward } from "./forward.ts";
import type { Goal } from "./record.ts";
import { pausedProblem, stuckProblem, unreachableProblem } from "./trouble.ts";

const patienceMs = 30_000;

/**
 * What to do next, from the goal, the journal's facts and what is observed now. There is no program counter: after a crash
 * the same call goes on. Linear in hosts.
 */
export function decide(goal: Goal, facts: Facts, observed: Observed): Decision {
  if (facts.ended !== null) return { kind: "end", ...facts.ended };
  const seen = new Map(observed.hosts.map((host) => [host.host, host]));
  const hosts = goal.hosts.map((name) => seen.get(name)).filter(isReachable);
  if (hosts.length < goal.hosts.length) return waitForHosts(goal, facts, { ...observed, hosts });
  const situation = { goal, facts, hosts, at: observed.at };
  const decision = facts.direction === "forward" ? goForward(situation) : goBack(situation);
  return decision.kind === "effects" ? refuseEndless(situation, decision) : decision;
}

function isReachable(host: HostView | undefined): host is HostView {
  return host?.reachable === true;
}

function waitForHosts(goal: Goal, facts: Facts, observed: Observed): Decision {
  const reached = new Set(observed.hosts.map((host) => host.host));
  const missing = goal.hosts.filter((host) => !reached.has(host));
  const until = facts.lastAt + patienceMs;
  if (observed.at < until) return { kind: "hold", until, why: `waiting for ${missing.join(", ")}` };
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
