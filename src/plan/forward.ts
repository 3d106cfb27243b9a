import type { Decision, Effects, Situation } from "./decision.ts";
import type { Effect } from "./effect.ts";
import type { HostView } from "./fleet.ts";
import { findHarm } from "./harm.ts";
import {
  firstLacking,
  hookPhase,
  type Phase,
  portLevels,
  processLevels,
  reloadedServices,
  runsHere,
  unlessDone,
  workerLevels,
} from "./phase.ts";
import { leftovers } from "./leftovers.ts";
import { drainEffect, serviceWork } from "./service-work.ts";
import type { ServiceSpec } from "./spec.ts";
import { strategyOf } from "./strategies/strategy.ts";
import { abortedProblem, pausedProblem } from "./trouble.ts";

/** Towards the new release: prepare all, switch all, watch, and only then let the old ones go. */
export function goForward(situation: Situation): Decision {
  const { facts } = situation;
  if (facts.abortAsked !== null)
    return { kind: "turn", problem: abortedProblem(situation.goal, facts.abortAsked) };
  if (facts.promoted) return finish(situation);
  if (facts.refusal !== null) return { kind: "turn", problem: facts.refusal.problem };
  const harm = findHarm(situation);
  if (harm !== null) return { kind: "turn", problem: harm };
  return firstLacking(advance(situation), situation.hosts) ?? bake(situation);
}

function* advance(situation: Situation): Generator<Phase> {
  const { goal } = situation;
  yield* makeReady(situation);
  for (const level of portLevels(goal.spec))
    yield replacing(situation, level, "prepare", "the new instances are not ready");
  yield hookPhase(situation, "before-switch");
  for (const level of processLevels(goal.spec).toReversed())
    yield replacing(situation, level, "clear", "the old instances have to stop first");
  yield {
    why: "current does not point to the new release",
    lacks: (host) => [host.current === goal.release ? null : releaseEffect(situation, host, "switch")],
  };
  for (const level of portLevels(goal.spec))
    yield replacing(situation, level, "replace", "the old instances still take traffic");
  yield reloading(situation);
  for (const level of workerLevels(goal.spec)) yield replacingWorkers(situation, level);
  yield hookPhase(situation, "after-switch");
}

function* makeReady(situation: Situation): Generator<Phase> {
  const { goal, facts } = situation;
  yield {
    why: "the release is not on the host",
    lacks: (host) => [isStaged(host, goal.release) ? null : releaseEffect(situation, host, "stage")],
  };
  yield {
    why: "the release is not checked",
    lacks: (host) => [unlessDone(facts, releaseEffect(situation, host, "check"))],
  };
  if (goal.spec.migrate === undefined || goal.kind === "rollback") return;
  const on = goal.hosts.find((host) => host === goal.spec.migrate?.on) ?? goal.hosts[0];
  yield {
    why: "the database is not migrated",
    lacks: ({ host }) =>
      host === on
        ? [unlessDone(facts, { layer: "database", verb: "migrate", host, release: goal.release })]
        : [],
  };
}

function isStaged(host: HostView, release: string): boolean {
  return host.releases.some((view) => view.id === release && view.state !== "failed");
}

function releaseEffect({ goal }: Situation, { host }: HostView, verb: "stage" | "check" | "switch"): Effect {
  return { layer: "release", verb, host, release: goal.release };
}

function replacing(
  { goal }: Situation,
  level: readonly ServiceSpec[],
  step: "prepare" | "clear" | "replace",
  why: string,
): Phase {
  const strategy = strategyOf(goal);
  return {
    why,
    lacks: (host) =>
      level.map((service) => strategy[step](serviceWork(host, service, goal.release, goal.spec.surge))),
  };
}

/** A worker has no gate to close, so the old ones go at once. */
function replacingWorkers({ goal }: Situation, level: readonly ServiceSpec[]): Phase {
  const strategy = strategyOf(goal);
  return {
    why: "the workers still run the old release",
    lacks: (host) =>
      level.map((service) => {
        const work = serviceWork(host, service, goal.release, goal.spec.surge);
        return strategy.replace(work) ?? (work.others > 0 ? drainEffect(work, 0) : null);
      }),
  };
}

function reloading({ goal, facts }: Situation): Phase {
  return {
    why: "the web server has not been told of the new release",
    lacks: ({ host }) =>
      reloadedServices(goal.spec).map(({ name }) =>
        unlessDone(facts, {
          layer: "process",
          verb: "switch",
          host,
          service: name,
          release: goal.release,
          keep: 0,
        }),
      ),
  };
}

function bake({ goal, facts, at }: Situation): Decision {
  if (facts.switchedAt === null)
    return { kind: "mark", mark: "switched", why: "every service runs the new release" };
  const until = facts.switchedAt + (goal.spec.services.some(runsHere) ? goal.spec.bakeMs : 0);
  if (at < until) return { kind: "hold", until, why: "watching the new release, the old one still warm" };
  return { kind: "mark", mark: "promoted", why: "the new release ran without harm" };
}

/** Past the verdict nothing turns back by itself: what fails here is told, and the new release serves on. */
function finish(situation: Situation): Decision {
  const { goal, facts, hosts } = situation;
  if (facts.refusal !== null)
    return { kind: "end", end: "paused", problem: pausedProblem(situation, facts.refusal.problem) };
  const lacking: Effects | null = firstLacking(
    [
      { why: "old instances are left", lacks: (host) => leftovers(situation, host, goal.release, goal.spec) },
      { why: "the release is not marked good", lacks: (host) => [markGood(situation, host)] },
      hookPhase(situation, "after-deploy"),
    ],
    hosts,
  );
  return lacking ?? { kind: "end", end: "new" };
}

function markGood({ goal, facts }: Situation, { host }: HostView): Effect | null {
  const { release } = goal;
  return unlessDone(facts, { layer: "release", verb: "drain", host, release, mark: "good", of: release });
}
