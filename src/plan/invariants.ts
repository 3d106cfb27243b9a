import type { ProblemDetail } from "../problem.ts";
import type { Decision } from "./decision.ts";
import { type Effect, noRelease } from "./effect.ts";
import type { Facts } from "./facts.ts";
import { releaseBefore } from "./previous.ts";
import type { End, Goal } from "./record.ts";
import { rolloutOf } from "./rollout.ts";
import { accepting } from "./simulate/process.ts";
import { findService, type SimulatedHost, type SimulatedService, type World } from "./simulate/world.ts";
import type { AppSpec, ServiceSpec } from "./spec.ts";
import type { Stage } from "./strategies/strategy.ts";
import { checkRouting, checkRoutingDecision, checkTraffic } from "./traffic-invariants.ts";

/** A promise of the design that does not hold, in one sentence. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I11";
  readonly what: string;
}

/** One effect that a host has let through. */
export interface Step {
  readonly goal: Goal;
  readonly facts: Facts;
  readonly before: World;
  readonly effect: Effect;
  readonly epoch: number;
  readonly after: World;
  /** The highest epoch whose operator has looked at the fleet. */
  readonly observedBy: number;
}

export function checkStep(step: Step): Violation | null {
  return (
    checkFence(step) ??
    checkCapacity(step) ??
    checkTraffic(step) ??
    checkEvidence(step) ??
    checkMigration(step)
  );
}

function checkFence({ effect, epoch, observedBy }: Step): Violation | null {
  if (epoch >= observedBy) return null;
  const what = `${effect.verb} of epoch ${epoch} was applied after the operator of epoch ${observedBy} had looked.`;
  return { invariant: "I5", what };
}

/** No effect takes accepting instances away below what both releases want. */
function checkCapacity({ goal, before, after }: Step): Violation | null {
  if (goal.rollout.strategy === "recreate") return null;
  for (const host of before.hosts.filter((one) => releaseBefore(goal, one.host) !== noRelease))
    for (const service of host.services) {
      const wanted = Math.min(
        portInstances(goal.spec, service.name),
        portInstances(goal.previousSpec, service.name),
      );
      const left = accepting(findService(hostOf(after, host.host), service.name));
      if (left >= Math.min(accepting(service), wanted)) continue;
      return { invariant: "I1", what: `${service.name} is left with ${left} accepting instances.` };
    }
  return null;
}

function portInstances(spec: AppSpec | undefined, name: string): number {
  const service = spec?.services.find((one) => one.name === name && isOurs(one));
  return service?.port === undefined ? 0 : service.instances;
}

/** Before the verdict the old instances stay (but for batches), and nothing is called good. */
function checkEvidence({ goal, facts, before, effect, after }: Step): Violation | null {
  if (facts.direction === "back" || facts.promoted || goal.rollout.strategy === "recreate") return null;
  if (effect.layer === "release" && effect.verb === "drain")
    return { invariant: "I6", what: "A release was marked without a verdict." };
  if (effect.layer !== "process" || goal.spec.surge !== "all") return null;
  if (portInstances(goal.spec, effect.service) === 0) return null;
  const known = releaseBefore(goal, effect.host);
  const old = (world: World): number =>
    findService(hostOf(world, effect.host), effect.service).instances.filter((one) => one.release === known)
      .length;
  if (old(after) >= old(before)) return null;
  return { invariant: "I6", what: `Old instances of ${effect.service} went before the verdict.` };
}

function checkMigration({ facts, effect }: Step): Violation | null {
  if (effect.layer !== "database") return null;
  if (facts.direction === "forward" && facts.switched.size === 0) return null;
  return { invariant: "I8", what: "The database was migrated after the switch or on the way back." };
}

/** Nobody takes traffic without having passed its checks in this incarnation. */
export function checkGates(goal: Goal, world: World): Violation | null {
  const names = new Set([goal.spec, goal.previousSpec].flatMap((spec) => portNames(spec)));
  for (const host of world.hosts)
    for (const service of host.services) {
      const unchecked = service.instances.find((one) => one.state === "open" && !one.checked);
      if (unchecked === undefined || !names.has(service.name)) continue;
      return { invariant: "I2", what: `${unchecked.id} of ${service.name} takes traffic unchecked.` };
    }
  return null;
}

function portNames(spec: AppSpec | undefined): readonly string[] {
  return (spec?.services ?? [])
    .filter((service) => service.port !== undefined)
    .map((service) => service.name);
}

export function checkDecision(goal: Goal, facts: Facts, world: World, decision: Decision): Violation | null {
  switch (decision.kind) {
    case "turn":
      if (facts.direction === "forward") return null;
      return { invariant: "I9", what: "It turned a second time." };
    case "hold":
      if (Number.isFinite(decision.until) && decision.until > world.at) return null;
      return { invariant: "I7", what: "It waits without a deadline." };
    case "mark":
      return decision.mark === "promoted"
        ? (checkVerdict(goal, facts) ?? checkPromotion(goal, facts, world))
        : null;
    case "stage":
      return checkHold(goal, facts, world, decision.stage);
    case "effects":
      return checkRoutingDecision(goal, world, decision.effects);
    case "end":
      return null;
  }
}

/** Only time or a person ends the watch of a stage. */
function checkHold(goal: Goal, facts: Facts, world: World, index: number): Violation | null {
  const stage = rolloutOf(goal).stages[index];
  if (facts.direction === "back" || facts.promoteAsked || stage === undefined) return null;
  if (world.at < facts.workedAt + stage.holdMs)
    return { invariant: "I6", what: `The stage "${stage.says}" was left before it was watched.` };
  if (!isJudged(goal, facts, stage) || facts.verdict?.verdict === "sound") return null;
  return { invariant: "I6", what: `The stage "${stage.says}" was left without evidence.` };
}

/** Behind the verdict only time counts, and a first release has nothing to be compared with. */
function isJudged({ rollout, previous }: Goal, { promoted }: Facts, { watch }: Stage): boolean {
  return watch !== undefined && previous !== null && !promoted && rollout.canary?.judge?.isDryRun === false;
}

function checkVerdict({ rollout }: Goal, { verdict }: Facts): Violation | null {
  if (verdict?.verdict !== "harm" || rollout.canary?.judge?.isDryRun !== false) return null;
  return { invariant: "I6", what: "It was promoted although it does harm." };
}

function checkPromotion(goal: Goal, facts: Facts, world: World): Violation | null {
  const hasProcess = goal.spec.services.some(isOurs);
  const isWatched =
    facts.switchedAt !== null && world.at >= facts.switchedAt + (hasProcess ? goal.spec.bakeMs : 0);
  if (!isWatched) return { invariant: "I6", what: "It was promoted before the bake was over." };
  const { order, stages, verdict } = rolloutOf(goal);
  const hosts = new Set(order.slice(0, stages[verdict]?.to));
  for (const host of world.hosts.filter((one) => hosts.has(one.host)))
    for (const service of goal.spec.services.filter(isOurs)) {
      const mine = findService(host, service.name).instances.filter((one) => one.release === goal.release);
      const open = mine.filter((one) => one.state === "open" && one.restarts === 0);
      if (open.length >= service.instances) continue;
      return { invariant: "I6", what: `It was promoted while ${service.name} did not hold.` };
    }
  return null;
}

/** Where a deployment may end: all new, all old, or paused with the way out told. */
export function checkEnd(goal: Goal, world: World, end: End, problem?: ProblemDetail): Violation | null {
  if (end === "paused") {
    if (problem?.fix?.includes("cutover resume") === true) return null;
    return { invariant: "I11", what: "It paused without saying how to go on." };
  }
  for (const host of world.hosts) {
    const release = end === "new" ? goal.release : releaseBefore(goal, host.host);
    if ((host.current ?? noRelease) !== release)
      return { invariant: "I11", what: `It ended ${end} with current on ${host.current}.` };
    const spec = end === "new" ? goal.spec : release === noRelease ? undefined : goal.previousSpec;
    const mixed = findMixed(host, spec, release);
    if (mixed !== null) return { invariant: "I11", what: `It ended ${end} with ${mixed}.` };
  }
  return checkRouting(goal, world);
}

function findMixed(host: SimulatedHost, spec: AppSpec | undefined, release: string): string | null {
  const wanted = new Map((spec?.services ?? []).map((service) => [service.name, service]));
  const names = new Set([...wanted.keys(), ...host.services.map((service) => service.name)]);
  for (const name of names) {
    const fault = faultOf(findService(host, name), wanted.get(name), release);
    if (fault !== null) return `${name} ${fault}`;
  }
  return null;
}

function faultOf(service: SimulatedService, wanted: ServiceSpec | undefined, release: string): string | null {
  if (wanted !== undefined && !isOurs(wanted))
    return service.reloadedFor === release ? null : `reloaded for ${service.reloadedFor}`;
  const count = wanted?.instances ?? 0;
  if (service.instances.some((one) => one.release !== release)) return "on another release";
  if (count > 0 && service.live !== release) return `kept alive on ${service.live}`;
  return service.instances.length === count ? null : `on ${service.instances.length} instances`;
}

function isOurs(service: ServiceSpec): boolean {
  return service.engine === "builtin";
}

function hostOf(world: World, name: string): SimulatedHost {
  const host = world.hosts.find((one) => one.host === name);
  if (host === undefined) throw new Error(`There is no host ${name}.`);
  return host;
}
