import type { ProblemDetail } from "../problem.ts";
import type { Decision, Effects, Situation } from "./decision.ts";
import { duration } from "./duration.ts";
import type { Effect } from "./effect.ts";
import type { HostView } from "./fleet.ts";
import { answerHarm, bakeWatch, goOn, judged, judgeOf } from "./judgement.ts";
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
import { replacementOf } from "./rollout.ts";
import type { Stage } from "./strategies/strategy.ts";
import { askThrough, sayTraffic, setTraffic, waitForRequests } from "./traffic-work.ts";
import { abortedProblem, pauseByHand, pausedProblem } from "./trouble.ts";

/** Towards the new release: make ready everywhere, then stage after stage; only behind the verdict the old ones go. */
export function goForward(situation: Situation): Decision {
  const { goal, facts, rollout } = situation;
  if (facts.abortAsked !== null) return { kind: "turn", problem: abortedProblem(goal, facts.abortAsked) };
  if (facts.pauseAsked !== null) return pauseByHand(situation, facts.pauseAsked);
  if (facts.refusal !== null) return refused(situation, facts.refusal.problem);
  const stage = rollout.stages[facts.stage + 1];
  return stage === undefined ? finish(situation) : proceed(situation, stage);
}

function proceed(situation: Situation, stage: Stage): Decision {
  const { facts, rollout } = situation;
  const index = facts.stage + 1;
  const isLast = index === rollout.stages.length - 1;
  if (facts.promoted && index === rollout.verdict)
    return isLast ? finish(situation) : watch(situation, stage, index);
  const harm = facts.promoted ? null : findHarm(situation, stage);
  if (harm !== null) return { kind: "turn", problem: harm };
  const answer = facts.promoted ? null : answerHarm(situation, stage);
  if (answer !== null) return answer;
  const lacking = firstLacking(makeReady(situation), situation.hosts) ?? enforce(situation, stage);
  if (lacking !== null) return lacking;
  if (index === rollout.verdict) return bake(situation, stage);
  return isLast ? finish(situation) : watch(situation, stage, index);
}

function refused(situation: Situation, problem: ProblemDetail): Decision {
  if (!situation.facts.promoted) return { kind: "turn", problem };
  return { kind: "end", end: "paused", problem: pausedProblem(situation, problem) };
}

/** Traffic, then processes, then a look through the balancer: what the stage still lacks of its target; null: nothing. */
function enforce(situation: Situation, stage: Stage): Decision | null {
  const traffic = setTraffic(
    situation,
    stage.routing,
    sayTraffic(situation.rollout, situation.facts.stage + 1),
  );
  if (traffic !== null) return traffic.kind === "refusal" ? refused(situation, traffic.problem) : traffic;
  if (stage.from === stage.to) return null;
  const hosts = situation.hosts.slice(stage.from, stage.to);
  return (
    (stage.emptied ? waitForRequests(situation, stage.routing, hosts) : null) ??
    firstLacking(replaceOn(situation), hosts) ??
    askThrough(situation, stage, hosts)
  );
}

/** A person may cut the time short; nobody and nothing else does. */
function watch(situation: Situation, stage: Stage, index: number): Decision {
  const { facts, at } = situation;
  const judge = facts.promoted || facts.promoteAsked ? null : judgeOf(situation, stage);
  if (judge !== null) return judged(situation, stage, judge);
  const until = facts.workedAt + stage.holdMs;
  if (at >= until || facts.promoteAsked) return { kind: "stage", stage: index, why: stage.says };
  const what = facts.promoted ? "leaving the old half warm" : `watching the new release with ${stage.says}`;
  return { kind: "hold", until, why: `${what}, for ${duration(stage.holdMs)}${goOn}` };
}

function* replaceOn(situation: Situation): Generator<Phase> {
  const { goal } = situation;
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
  if (goal.spec.migrate === undefined || goal.kind !== "deploy") return;
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
  const replacement = replacementOf(goal);
  return {
    why,
    lacks: (host) =>
      level.map((service) => replacement[step](serviceWork(host, service, goal.release, goal.spec.surge))),
  };
}

/** A worker has no gate to close, so the old ones go at once. */
function replacingWorkers({ goal }: Situation, level: readonly ServiceSpec[]): Phase {
  const replacement = replacementOf(goal);
  return {
    why: "the workers still run the old release",
    lacks: (host) =>
      level.map((service) => {
        const work = serviceWork(host, service, goal.release, goal.spec.surge);
        return replacement.replace(work) ?? (work.others > 0 ? drainEffect(work, 0) : null);
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

function bake(situation: Situation, stage: Stage): Decision {
  const { goal, facts, at } = situation;
  if (facts.switchedAt === null)
    return { kind: "mark", mark: "switched", why: "every service runs the new release" };
  const until =
    Math.max(facts.switchedAt, facts.workedAt) + (goal.spec.services.some(runsHere) ? goal.spec.bakeMs : 0);
  const others = goal.previous === null ? "" : ", the old one still warm";
  const why = `watching the new release for ${duration(goal.spec.bakeMs)}${others}`;
  if (at < until) return { kind: "hold", until, why, watch: bakeWatch(situation, stage, until) };
  return { kind: "mark", mark: "promoted", why: "the new release ran without harm" };
}

/** Past the verdict nothing turns back by itself: what fails here is told, and the new release serves on. */
function finish(situation: Situation): Decision {
  const { goal, hosts } = situation;
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
