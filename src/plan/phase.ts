import type { Effects, Situation } from "./decision.ts";
import type { Effect, HookEffect } from "./effect.ts";
import { effectKey } from "./effect-key.ts";
import type { Facts } from "./facts.ts";
import type { HostView } from "./fleet.ts";
import { orderServices } from "./order.ts";
import type { AppSpec, HookPoint, ServiceSpec } from "./spec.ts";

/** One stretch of the way: it begins when every host has left the one before. */
export interface Phase {
  readonly why: string;
  /** What this host still lacks; empty: nothing. */
  lacks(host: HostView): readonly (Effect | null)[];
}

export function firstLacking(phases: Iterable<Phase>, hosts: readonly HostView[]): Effects | null {
  for (const phase of phases) {
    const effects = hosts.flatMap((host) => phase.lacks(host)).filter((effect) => effect !== null);
    if (effects.length > 0) return { kind: "effects", effects, why: phase.why };
  }
  return null;
}

export function unlessDone(facts: Facts, effect: Effect): Effect | null {
  return facts.done.has(effectKey(effect)) ? null : effect;
}

export function hookPhase(situation: Situation, point: HookPoint): Phase {
  const { goal, facts } = situation;
  const effect = (host: string): HookEffect => ({
    layer: "hook",
    verb: "run",
    host,
    release: goal.release,
    point,
    previous: goal.previous,
  });
  return {
    why: `the ${point} hook has not run`,
    lacks: ({ host }) => (goal.spec.hooks[point].length === 0 ? [] : [unlessDone(facts, effect(host))]),
  };
}

/** Services with instances of ours that take traffic, in levels. */
export function portLevels(spec: AppSpec): readonly (readonly ServiceSpec[])[] {
  return levels(spec, (service) => runsHere(service) && service.port !== undefined);
}

export function workerLevels(spec: AppSpec): readonly (readonly ServiceSpec[])[] {
  return levels(spec, (service) => runsHere(service) && service.port === undefined);
}

export function processLevels(spec: AppSpec): readonly (readonly ServiceSpec[])[] {
  return levels(spec, runsHere);
}

/** Services another program runs (php-fpm, static files): a reload command makes it see the new `current`. */
export function reloadedServices(spec: AppSpec): readonly ServiceSpec[] {
  return spec.services.filter((service) => !runsHere(service));
}

export function runsHere(service: ServiceSpec): boolean {
  return service.engine === "builtin";
}

function levels(spec: AppSpec, wanted: (service: ServiceSpec) => boolean): readonly ServiceSpec[][] {
  return orderServices(spec.services)
    .map((level) => level.filter(wanted))
    .filter((level) => level.length > 0);
}
