import type { Effect, ProcessEffect } from "../../src/plan/effect.ts";
import { applyEffect } from "../../src/plan/simulate/apply.ts";
import type { Rules, World } from "../../src/plan/simulate/world.ts";
import type { Routing } from "../../src/plan/traffic.ts";

/**
 * What an effect that was cut off in its middle leaves behind; null: it is a rename or the like, and has no middle. What was
 * begun of a release that is not whole yet is not listed, so that nobody sees it.
 */
export function tear(rules: Rules, world: World, effect: Effect, epoch: number): World | null {
  const part = partOf(world, effect);
  return part === null ? null : applyEffect(rules, world, part, epoch).world;
}

function partOf(world: World, effect: Effect): Effect | null {
  if (effect.layer === "traffic") return partOfTraffic(world, effect);
  return effect.layer === "process" ? partOfProcess(countOthers(world, effect), effect) : null;
}

/** One instance less was started, parked or ended. */
function partOfProcess(others: number, effect: ProcessEffect): Effect | null {
  switch (effect.verb) {
    case "check":
      return null;
    case "stage":
      return effect.count > 1 ? { ...effect, count: effect.count - 1 } : null;
    case "switch":
      return others > effect.keep ? { ...effect, keep: others } : null;
    case "drain":
      return others - 1 > effect.keep ? { ...effect, keep: others - 1 } : null;
  }
}

/** Instances of other releases than the one meant. */
function countOthers({ hosts }: World, { host, service, release }: ProcessEffect): number {
  const services = hosts.find((one) => one.host === host)?.services ?? [];
  const instances = services.find(({ name }) => name === service)?.instances ?? [];
  return instances.filter((one) => one.release !== release).length;
}

/** Weights are raised before others are lowered, and the cohort comes last. */
function partOfTraffic({ balancers }: World, effect: Effect & { layer: "traffic" }): Effect | null {
  const before = balancers.find(({ host }) => host === effect.host)?.routing;
  if (effect.verb !== "switch" || before === undefined) return null;
  return { ...effect, routing: raised(before, effect.routing) };
}

function raised(before: Routing, after: Routing): Routing {
  const weights = Object.entries(before.weights).map(([service, servers]) => {
    const most = Object.entries(servers).map(([server, weight]) => {
      return [server, Math.max(weight, after.weights[service]?.[server] ?? weight)] as const;
    });
    return [service, Object.fromEntries(most)] as const;
  });
  return { ...before, weights: Object.fromEntries(weights) };
}
