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
import { strategyOf } from "./strategies/strategy.ts";
import { downProblem, pausedProblem, undoneProblem } from "./trouble.ts";

const graceMs = 30_000;

/** The same verbs with the old release as the goal: open what is still warm, start what is missing, then let the new ones go. */
export function goBack(situation: Situation): Decision {
  const { facts, hosts } = situation;
  if (facts.refusal !== null)
    return { kind: "end", end: "paused", problem: pausedProblem(situation, facts.refusal.problem) };
  const spec = previousSpec(situation);
  const decision =
    firstLacking(restore(situation, spec), hosts) ??
    waitForRevival(situation, spec) ??
    firstLacking(retreat(situation, spec), hosts);
  return decision ?? { kind: "end", end: "old", problem: undoneProblem(situation) };
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
  const release = oldRelease(situation);
  yield {
    why: "current does not point to the old release",
    lacks: (host) => [switchBack(situation, host, release)],
  };
  if (spec !== undefined) {
    yield reloadingBack(situation, release);
    for (const level of workerLevels(spec)) yield replacing(situation, level, "replace");
  }
  yield {
    why: "instances of the new release are left",
    lacks: (host) => leftovers(situation, host, release, spec),
  };
  yield { why: "the new release is not marked", lacks: (host) => [markUndone(situation, host, release)] };
  yield hookPhase(situation, "on-failure");
}

function oldRelease({ goal }: Situation): string {
  return goal.previous ?? noRelease;
}

/** An old instance that ended is started again by the supervisor: worth a wait, as its place is still taken by new ones. */
function waitForRevival(situation: Situation, spec: AppSpec | undefined): Decision | null {
  const { facts, hosts, at } = situation;
  const down = (spec === undefined ? [] : portLevels(spec))
    .flat()
    .filter((service) => hosts.some((host) => workOf(situation, host, service).reviving > 0))
    .filter((service) => hosts.some((host) => isTouched(situation, host, service)));
  if (down.length === 0) return null;
  const until = facts.lastAt + Math.max(...down.map((service) => service.bootMs)) + graceMs;
  const names = down.map((service) => service.name).join(", ");
  if (at < until) return { kind: "hold", until, why: `the old ${names} is being started again` };
  return { kind: "end", end: "paused", problem: pausedProblem(situation, downProblem(situation, names)) };
}

function workOf(situation: Situation, host: HostView, service: ServiceSpec): ServiceWork {
  return serviceWork(host, service, oldRelease(situation), situation.goal.spec.surge);
}

function isTouched({ facts }: Situation, { host }: HostView, { name }: ServiceSpec): boolean {
  return facts.touched.has(serviceKey(host, name));
}

function reopen(situation: Situation, host: HostView, service: ServiceSpec): Effect | null {
  if (!isTouched(situation, host, service)) return null;
  const effect = strategyOf(situation.goal).replace(workOf(situation, host, service));
  return effect?.verb === "switch" ? effect : null;
}

function replacing(situation: Situation, level: readonly ServiceSpec[], step: "clear" | "replace"): Phase {
  const strategy = strategyOf(situation.goal);
  const lacks = (host: HostView, service: ServiceSpec): Effect | null => {
    if (!isTouched(situation, host, service)) return null;
    const work = workOf(situation, host, service);
    const effect = strategy[step](work);
    if (effect !== null || step === "clear" || service.port !== undefined) return effect;
    return work.others > 0 ? drainEffect(work, 0) : null;
  };
  return {
    why: "the old release does not serve alone again",
    lacks: (host) => level.map((service) => lacks(host, service)),
  };
}

function switchBack({ goal }: Situation, host: HostView, release: string): Effect | null {
  if (host.current === goal.previous) return null;
  return { layer: "release", verb: "switch", host: host.host, release };
}

/** Whether the server saw the new release is not observable, but that it may have is in the journal. */
function reloadingBack({ goal, facts }: Situation, release: string): Phase {
  const lacks = (host: string, service: string): Effect | null => {
    const effect = { layer: "process", verb: "switch", host, service, keep: 0 } as const;
    if (!facts.switched.has(effectKey({ ...effect, release: goal.release }))) return null;
    return unlessDone(facts, { ...effect, release });
  };
  return {
    why: "the web server may still serve the new release",
    lacks: ({ host }) => reloadedServices(goal.spec).map((service) => lacks(host, service.name)),
  };
}

function markUndone({ goal, facts }: Situation, host: HostView, release: string): Effect | null {
  const view = host.releases.find((one) => one.id === goal.release);
  if (view === undefined) return null;
  const switched = effectKey({ layer: "release", verb: "switch", host: host.host, release: goal.release });
  const mark = view.wasLive || facts.switched.has(switched) ? "bad" : "failed";
  return unlessDone(facts, {
    layer: "release",
    verb: "drain",
    host: host.host,
    release,
    mark,
    of: goal.release,
  });
}
