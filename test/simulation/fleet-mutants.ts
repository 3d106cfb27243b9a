import { decide } from "../../src/plan/decide.ts";
import type { Decision } from "../../src/plan/decision.ts";
import type { Effect } from "../../src/plan/effect.ts";
import { effectKey } from "../../src/plan/effect-key.ts";
import type { Facts } from "../../src/plan/facts.ts";
import type { Observed } from "../../src/plan/fleet.ts";
import type { Goal } from "../../src/plan/record.ts";
import { rolloutOf } from "../../src/plan/rollout.ts";
import type { BalancerView, Routing } from "../../src/plan/traffic.ts";
import { withoutTraffic } from "../../src/plan/weights.ts";
import { type Mutant, openUnchecked, seeing, allReady, turnTwice } from "./mutants.ts";

/** Safety rules of a fleet switched off, and the smallest search that must notice. */
export const fleetMutants: readonly Mutant[] = [
  {
    name: "no barrier on the balancers",
    scenario: "blue-green, 2 hosts",
    change: { barrier: "hosts" },
    caughtBy: ["I5"],
  },
  {
    name: "a lazy token: targets learn an epoch with its first effect",
    scenario: "rolling, 2 hosts",
    change: { barrier: "nowhere" },
    caughtBy: ["I5"],
  },
  { name: "no fence", scenario: "canary, 2 hosts", change: { fence: false }, caughtBy: ["I5"] },
  {
    name: "a stale view: looks before its barrier",
    scenario: "blue-green, 2 hosts",
    change: { looksAfterBarrier: false },
    caughtBy: ["I1", "I2", "I4", "I7", "I11"],
  },
  {
    name: "does not wait for requests under way",
    scenario: "canary, 2 hosts",
    change: { decide: watching(withoutSessions) },
    limits: { operators: 1 },
    caughtBy: ["I4"],
  },
  {
    name: "no preview through the balancer",
    scenario: "blue-green, 2 hosts",
    change: { decide: withoutPreview },
    limits: { operators: 1 },
    caughtBy: ["I2"],
  },
  {
    name: "weights are raised before the servers are ready",
    scenario: "blue-green, 2 hosts",
    change: { decide: raiseEarly },
    limits: { operators: 1 },
    caughtBy: ["I1", "I2"],
  },
  {
    name: "no gate",
    scenario: "rolling, 2 hosts",
    change: { decide: seeing(allReady), apply: openUnchecked },
    limits: { operators: 1 },
    caughtBy: ["I2"],
  },
  {
    name: "both halves are emptied",
    scenario: "blue-green, both halves busy",
    change: { decide: emptyAll },
    limits: { operators: 1 },
    caughtBy: ["I1"],
  },
  {
    name: "empties a half though the other one is down",
    scenario: "blue-green, both halves busy",
    change: { decide: blindForDeath },
    limits: { operators: 1, deaths: 1 },
    caughtBy: ["I1", "I11"],
  },
  {
    name: "promotes without the hold",
    scenario: "canary, 2 hosts",
    change: { decide: withoutHold },
    limits: { operators: 1 },
    caughtBy: ["I6"],
  },
  {
    name: "goes on without evidence",
    scenario: "canary, judged",
    change: { decide: credulous },
    limits: { operators: 1 },
    caughtBy: ["I6"],
  },
  {
    name: "promotes in spite of harm",
    scenario: "canary, judged",
    change: { decide: blindForHarm },
    limits: { operators: 1 },
    caughtBy: ["I6"],
  },
  {
    name: "turns twice",
    scenario: "rolling, 2 hosts",
    change: { decide: turnTwice },
    limits: { operators: 1, cuts: 1 },
    faults: { hooks: ["after-switch"] },
    caughtBy: ["I9"],
  },
  {
    name: "leaves the balancer as the last stage had it",
    scenario: "blue-green, 2 hosts",
    change: { decide: watching(asItWas) },
    limits: { operators: 1 },
    caughtBy: ["I1", "I11"],
  },
  {
    name: "the journal takes records of the overtaken",
    scenario: "rolling, 2 hosts",
    change: { compareAndSet: false },
    caughtBy: ["I1", "I6", "I8", "I9", "I11"],
  },
];

type Lie = (goal: Goal, facts: Facts, balancer: BalancerView) => BalancerView;

/** Decides on something else than what the balancers do. */
function watching(lie: Lie): typeof decide {
  return (goal, facts, observed) => {
    const balancers = observed.balancers.map((balancer) => lie(goal, facts, balancer));
    return decide(goal, facts, { ...observed, balancers } satisfies Observed);
  };
}

function withoutSessions(_goal: Goal, _facts: Facts, balancer: BalancerView): BalancerView {
  return { ...balancer, servers: balancer.servers.map((one) => ({ ...one, sessions: 0 })) };
}

/** Behind the verdict it believes that everything is in order. */
function asItWas(goal: Goal, facts: Facts, balancer: BalancerView): BalancerView {
  const { stages } = rolloutOf(goal);
  const routing = stages[facts.stage + 1]?.routing[balancer.host];
  return facts.promoted && routing !== undefined ? { ...balancer, routing } : balancer;
}

function withoutPreview(goal: Goal, facts: Facts, observed: Observed): Decision {
  const decision = decide(goal, facts, observed);
  if (decision.kind !== "effects") return decision;
  const checks = decision.effects.filter((effect) => effect.layer === "traffic" && effect.verb === "check");
  if (checks.length === 0) return decision;
  const done = new Set([...facts.done, ...checks.map(effectKey)]);
  return withoutPreview(goal, { ...facts, done }, observed);
}

function mapRouting(decision: Decision, map: (routing: Routing) => Routing): Decision {
  if (decision.kind !== "effects") return decision;
  const effects = decision.effects.map((effect): Effect =>
    effect.layer === "traffic" && effect.verb === "switch"
      ? { ...effect, routing: map(effect.routing) }
      : effect,
  );
  return { ...decision, effects };
}

function emptyAll(goal: Goal, facts: Facts, observed: Observed): Decision {
  const all = new Set(goal.hosts);
  return mapRouting(decide(goal, facts, observed), (routing) => withoutTraffic(routing, all));
}

/** The routing of the next stage already while the servers of this one are being replaced. */
function raiseEarly(goal: Goal, facts: Facts, observed: Observed): Decision {
  const decision = decide(goal, facts, observed);
  const { stages } = rolloutOf(goal);
  const [now, next] = [stages[facts.stage + 1], stages[facts.stage + 2]];
  const isReplacing =
    decision.kind === "effects" &&
    decision.effects.some(({ layer, verb }) => layer === "process" && verb === "switch");
  if (!isReplacing || facts.direction === "back" || now?.emptied !== true || next === undefined)
    return decision;
  const effects = goal.balancers.flatMap((host): Effect[] => {
    const routing = next.routing[host];
    if (routing === undefined) return [];
    return [{ layer: "traffic", verb: "switch", host, release: goal.release, routing }];
  });
  return { kind: "effects", effects, why: "nobody waits" };
}

function withoutHold(goal: Goal, facts: Facts, observed: Observed): Decision {
  const decision = decide(goal, facts, observed);
  if (decision.kind !== "hold" || facts.switchedAt !== null) return decision;
  return { kind: "stage", stage: facts.stage + 1, why: "why wait" };
}

/** Takes what the judge could not tell for soundness. */
function credulous(goal: Goal, facts: Facts, observed: Observed): Decision {
  const verdict = { verdict: "sound", why: "", evidence: [] } as const;
  return decide(goal, { ...facts, verdict: facts.verdict ?? verdict }, observed);
}

function blindForHarm(goal: Goal, facts: Facts, observed: Observed): Decision {
  const isSound = facts.verdict?.verdict !== "harm";
  return isSound ? decide(goal, facts, observed) : credulous(goal, { ...facts, verdict: null }, observed);
}

/** Takes every instance for one that serves. */
function blindForDeath(goal: Goal, facts: Facts, observed: Observed): Decision {
  const hosts = observed.hosts.map((host) => ({
    ...host,
    services: host.services.map((service) => ({
      ...service,
      instances: service.instances.map((one) =>
        one.restarts > 0 ? { ...one, state: "open" as const, restarts: 0 } : one,
      ),
    })),
  }));
  return decide(goal, facts, { ...observed, hosts });
}
