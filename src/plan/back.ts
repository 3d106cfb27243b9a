import type { ProblemDetail } from "../problem.ts";
import type { Decision, Situation } from "./decision.ts";
import { type Effect, noRelease } from "./effect.ts";
import { serviceKey } from "./facts.ts";
import { effectKey } from "./effect-key.ts";
import type { HostView } from "./fleet.ts";
import { leftovers } from "./leftovers.ts";
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
import type { AppSpec, ServiceSpec } from "./spec.ts";
import { drainEffect, serviceView, type ServiceWork, serviceWork } from "./service-work.ts";
import { releaseBefore } from "./previous.ts";
import { nameHosts } from "./strategies/in-place.ts";
import { mapRoutes } from "./strategies/routes.ts";
import { withoutTraffic } from "./weights.ts";
import { replacementOf } from "./rollout.ts";
import type { Rollout, Stage } from "./strategies/strategy.ts";
import { askThrough, sayTraffic, setTraffic, waitForRequests } from "./traffic-work.ts";
import { downProblem, pauseByHand, pausedProblem, undoneProblem } from "./trouble.ts";

const graceMs = 30_000;

/** The same verbs with the old release as the goal: the stages downwards, and at the end whatever is left of the new one. */
export function goBack(situation: Situation): Decision {
  const { facts, rollout } = situation;
  if (facts.refusal !== null) return pause(situation, facts.refusal.problem);
  if (facts.pauseAsked !== null) return pauseByHand(situation, facts.pauseAsked);
  const reached = Math.min(facts.stage, rollout.stages.length - 1);
  const lowest = lowestUndone(rollout, reached);
  const decision = undo(situation, lowest, reached);
  if (decision !== null) return decision;
  if (lowest > 0) return { kind: "stage", stage: lowest, why: "undone" };
  return tidy(situation) ?? { kind: "end", end: "old", problem: undoneProblem(situation) };
}

/**
 * Stages that only move traffic are undone together, so that harm loses its traffic at once; so are those whose hosts are
 * replaced in place, where the old instances need but open.
 */
function lowestUndone({ stages }: Rollout, reached: number): number {
  const kind = (stage: Stage | undefined): string =>
    stage === undefined ? "" : stage.from === stage.to ? "traffic" : stage.emptied ? "emptied" : "in place";
  const together = kind(stages[reached]);
  let lowest = Math.max(0, reached);
  if (together === "emptied") return lowest;
  while (lowest > 0 && kind(stages[lowest - 1]) === together) lowest -= 1;
  return lowest;
}

function undo(situation: Situation, lowest: number, reached: number): Decision | null {
  const { goal, rollout } = situation;
  const [first, last] = [rollout.stages[lowest], rollout.stages[reached]];
  if (first === undefined || last === undefined) return null;
  const isTraffic = first.from === last.to;
  const routes = isTraffic ? (rollout.stages[lowest - 1]?.routing ?? goal.routing) : last.routing;
  const traffic = setTraffic(situation, routes, sayTraffic(rollout, isTraffic ? lowest - 1 : reached));
  if (traffic !== null) return traffic.kind === "refusal" ? pause(situation, traffic.problem) : traffic;
  return isTraffic ? null : undoHosts(situation, last, situation.hosts.slice(first.from, last.to));
}

function undoHosts(situation: Situation, stage: Stage, hosts: readonly HostView[]): Decision | null {
  const spec = previousSpec(situation);
  const changed = hosts.filter((host) => hasChanged(situation, host));
  return (
    (stage.emptied ? waitForRequests(situation, stage.routing, changed) : null) ??
    firstLacking(restore(situation, spec), hosts) ??
    waitForRevival(situation, spec, hosts) ??
    firstLacking(retreat(situation, spec), hosts) ??
    askThrough(situation, stage, changed)
  );
}

/** Only where something was switched (or may have been) there is something to look after on the way back. */
function hasChanged(situation: Situation, host: HostView): boolean {
  const { goal } = situation;
  const known = [...goal.spec.services, ...(goal.previousSpec?.services ?? [])];
  return known.some((service) => isTouched(situation, host, service));
}

function pause(situation: Situation, problem: ProblemDetail): Decision {
  return { kind: "end", end: "paused", problem: pausedProblem(situation, problem) };
}

/** Of a release that another tool deployed (or whose settings are lost) only what runs of it is there to go back to. */
function previousSpec({ goal, hosts }: Situation): AppSpec | undefined {
  if (goal.previous === null || goal.previousSpec !== undefined) return goal.previousSpec;
  const runs = ({ name }: ServiceSpec): boolean =>
    hosts.some((host) => serviceView(host, name).instances.some((one) => one.release === goal.previous));
  const services = goal.spec.services.filter((service) => !runsHere(service) || runs(service));
  return { ...goal.spec, services: services.map((service) => ({ ...service, after: [] })) };
}

/** Brings back the old instances of what was switched; a service nobody touched is left as it is, whatever that is. */
function* restore(situation: Situation, spec: AppSpec | undefined): Generator<Phase> {
  if (spec === undefined) return;
  yield {
    why: "the old instances are still warm",
    lacks: (host) =>
      portLevels(spec).flatMap((level) => level.map((service) => reopen(situation, host, service))),
  };
  for (const level of processLevels(spec).toReversed()) yield replacing(situation, level, "clear");
  for (const level of portLevels(spec)) yield replacing(situation, level, "replace");
}

function* retreat(situation: Situation, spec: AppSpec | undefined): Generator<Phase> {
  yield {
    why: "current does not point to the old release",
    lacks: (host) => [switchBack(situation, host)],
  };
  if (spec === undefined) return;
  yield reloadingBack(situation);
  for (const level of workerLevels(spec)) yield replacing(situation, level, "replace");
}

/** On all hosts, once every stage is undone. */
function tidy(situation: Situation): Decision | null {
  const spec = previousSpec(situation);
  const left = (host: HostView): readonly Effect[] => {
    const release = releaseBefore(situation.goal, host.host);
    return leftovers(situation, host, release, release === noRelease ? undefined : spec);
  };
  const phases: readonly Phase[] = [
    { why: "instances of the new release are left", lacks: left },
    { why: "the new release is not marked", lacks: (host) => [markUndone(situation, host)] },
    hookPhase(situation, "on-failure"),
  ];
  const leaving = situation.hosts.filter((host) => isLeaving(situation, host) && left(host).length > 0);
  return sendAway(situation, leaving) ?? firstLacking(phases, situation.hosts);
}

/** A host that ran nothing before, among others that serve. */
function isLeaving({ goal }: Situation, { host }: HostView): boolean {
  return goal.previous !== null && releaseBefore(goal, host) === noRelease;
}

/** Its requests go to the others before the last process there ends; then its balancers do what they did. */
function sendAway(situation: Situation, leaving: readonly HostView[]): Decision | null {
  const { goal, rollout } = situation;
  const servers = new Set(leaving.map(({ host }) => host));
  const routes = mapRoutes(goal.routing, (routing) => withoutTraffic(routing, servers));
  const says = servers.size === 0 ? sayTraffic(rollout, -1) : `no new requests to ${nameHosts([...servers])}`;
  const traffic = setTraffic(situation, routes, says);
  if (traffic?.kind === "refusal") return pause(situation, traffic.problem);
  return traffic ?? waitForRequests(situation, routes, leaving);
}

/** An old instance that ended is started again by the supervisor: worth a wait, as its place is still taken by new ones. */
function waitForRevival(
  situation: Situation,
  spec: AppSpec | undefined,
  hosts: readonly HostView[],
): Decision | null {
  const { facts, at } = situation;
  const down = (spec === undefined ? [] : portLevels(spec))
    .flat()
    .filter((service) => hosts.some((host) => workOf(situation, host, service).reviving > 0))
    .filter((service) => hosts.some((host) => isTouched(situation, host, service)));
  if (down.length === 0) return null;
  const until = facts.lastAt + Math.max(...down.map((service) => service.bootMs)) + graceMs;
  const names = down.map((service) => service.name).join(", ");
  if (at < until) return { kind: "hold", until, why: `the old ${names} is being started again` };
  return pause(situation, downProblem(situation, names));
}

function workOf(situation: Situation, host: HostView, service: ServiceSpec): ServiceWork {
  return serviceWork(host, service, releaseBefore(situation.goal, host.host), situation.goal.spec.surge);
}

function isTouched({ facts }: Situation, { host }: HostView, { name }: ServiceSpec): boolean {
  return facts.touched.has(serviceKey(host, name));
}

/** Touched, and with something to be brought back. */
function isToReturn(situation: Situation, host: HostView, service: ServiceSpec): boolean {
  return isTouched(situation, host, service) && releaseBefore(situation.goal, host.host) !== noRelease;
}

function reopen(situation: Situation, host: HostView, service: ServiceSpec): Effect | null {
  if (!isToReturn(situation, host, service)) return null;
  const effect = replacementOf(situation.goal).replace(workOf(situation, host, service));
  return effect?.verb === "switch" ? effect : null;
}

function replacing(situation: Situation, level: readonly ServiceSpec[], step: "clear" | "replace"): Phase {
  const replacement = replacementOf(situation.goal);
  const lacks = (host: HostView, service: ServiceSpec): Effect | null => {
    if (!isToReturn(situation, host, service)) return null;
    const work = workOf(situation, host, service);
    const effect = replacement[step](work);
    if (effect !== null || step === "clear" || service.port !== undefined) return effect;
    return work.others > 0 ? drainEffect(work, 0) : null;
  };
  return {
    why: "the old release does not serve alone again",
    lacks: (host) => level.map((service) => lacks(host, service)),
  };
}

function switchBack({ goal }: Situation, host: HostView): Effect | null {
  const release = releaseBefore(goal, host.host);
  if ((host.current ?? noRelease) === release) return null;
  return { layer: "release", verb: "switch", host: host.host, release };
}

/** Whether the server saw the new release is not observable, but that it may have is in the journal. */
function reloadingBack({ goal, facts }: Situation): Phase {
  const lacks = (host: string, service: string): Effect | null => {
    const effect = { layer: "process", verb: "switch", host, service, keep: 0 } as const;
    if (!facts.switched.has(effectKey({ ...effect, release: goal.release }))) return null;
    const release = releaseBefore(goal, host);
    return release === noRelease ? null : unlessDone(facts, { ...effect, release });
  };
  return {
    why: "the web server may still serve the new release",
    lacks: ({ host }) => reloadedServices(goal.spec).map((service) => lacks(host, service.name)),
  };
}

function markUndone({ goal, facts }: Situation, host: HostView): Effect | null {
  const view = host.releases.find((one) => one.id === goal.release);
  if (view === undefined) return null;
  const switched = effectKey({ layer: "release", verb: "switch", host: host.host, release: goal.release });
  const mark = view.wasLive || facts.switched.has(switched) ? "bad" : "failed";
  return unlessDone(facts, {
    layer: "release",
    verb: "drain",
    host: host.host,
    release: releaseBefore(goal, host.host),
    mark,
    of: goal.release,
  });
}
