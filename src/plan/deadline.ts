import type { Effect } from "./effect.ts";
import type { Goal } from "./record.ts";
import type { AppSpec, ServiceSpec } from "./spec.ts";

const graceMs = 30_000;
const filesMs = 10 * 60_000;

/** How long an effect may take before its outcome counts as unknown. Beyond every deadline the layers keep themselves. */
export function deadlineMs(effect: Effect, goal: Goal): number {
  switch (effect.layer) {
    case "release":
      return graceMs + filesMs + (effect.verb === "stage" ? goal.spec.release.build.timeoutMs : 0);
    case "database":
      return graceMs + (goal.spec.migrate?.timeoutMs ?? 0);
    case "traffic":
      return 2 * graceMs + (effect.verb === "drain" ? effect.deadlineMs : 0);
    case "hook":
      return graceMs + goal.spec.hooks.timeoutMs * Math.max(1, goal.spec.hooks[effect.point].length);
    case "process":
      return 2 * graceMs + serviceMs(effect.verb, services(goal, effect.service));
  }
}

function services(goal: Goal, name: string): readonly ServiceSpec[] {
  const specs: readonly (AppSpec | undefined)[] = [goal.spec, goal.previousSpec];
  return specs.flatMap((spec) => spec?.services.filter((service) => service.name === name) ?? []);
}

function serviceMs(verb: "stage" | "check" | "switch" | "drain", specs: readonly ServiceSpec[]): number {
  const longest = (ms: (service: ServiceSpec) => number): number => Math.max(0, ...specs.map(ms));
  if (verb === "check") return longest((service) => 2 * service.bootMs + service.health.minUptimeMs);
  if (verb === "drain") return longest((service) => service.drainMs + service.stop.timeoutMs);
  return 0;
}
