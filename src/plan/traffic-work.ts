import type { ProblemDetail } from "../problem.ts";
import { missingCapacity } from "./capacity.ts";
import type { Effects, Situation } from "./decision.ts";
import { type Effect, noRelease, type TrafficEffect } from "./effect.ts";
import { effectKey } from "./effect-key.ts";
import type { HostView } from "./fleet.ts";
import { releaseBefore } from "./previous.ts";
import { equalRouting } from "./routing.ts";
import type { Rollout, Routes, Stage } from "./strategies/strategy.ts";
import type { BalancerView } from "./traffic.ts";

/** The balancers are to do this now. A refusal when too few checked servers would be left with traffic. */
export function setTraffic(
  situation: Situation,
  routes: Routes,
  says: string,
): Effects | { readonly kind: "refusal"; readonly problem: ProblemDetail } | null {
  const effects: TrafficEffect[] = [];
  for (const balancer of situation.balancers) {
    const routing = routes[balancer.host];
    if (routing === undefined || equalRouting(balancer.routing, routing)) continue;
    const problem = missingCapacity(situation, balancer, routing);
    if (problem !== null) return { kind: "refusal", problem };
    effects.push({ ...onBalancer(situation, balancer), verb: "switch", routing, says });
  }
  return effects.length === 0 ? null : { kind: "effects", effects, why: `the traffic is to be: ${says}` };
}

/** What the balancers do when stage `index` is in force, in words; -1: before the first. */
export function sayTraffic({ stages }: Rollout, index: number): string {
  const last = stages.slice(0, index + 1).findLast((stage) => stage.from === stage.to);
  return last?.says ?? "everything as it was";
}

/** What is under way on the emptied servers of the stage ends before their processes are touched. */
export function waitForRequests(
  situation: Situation,
  routes: Routes,
  hosts: readonly HostView[],
): Effects | null {
  const names = hosts.map((host) => host.host);
  return forBalancers(situation, "requests are under way on the servers to be replaced", (balancer) => {
    const weights = Object.values(routes[balancer.host]?.weights ?? {});
    const emptied = new Set(names.filter((name) => weights.some((servers) => servers[name] === 0)));
    const servers = [...new Set(busyServers(balancer))].filter((server) => emptied.has(server));
    if (servers.length === 0) return null;
    const deadlineMs = Math.max(0, ...drainTimes(situation));
    return {
      ...onBalancer(situation, balancer),
      verb: "drain",
      servers: names.filter((name) => emptied.has(name)),
      deadlineMs,
    };
  });
}

function busyServers({ servers }: BalancerView): readonly string[] {
  return servers.filter(({ sessions }) => sessions !== 0).map(({ server }) => server);
}

function drainTimes({ goal }: Situation): readonly number[] {
  const services = [...goal.spec.services, ...(goal.previousSpec?.services ?? [])];
  return services.filter((service) => service.port !== undefined).map((service) => service.drainMs);
}

/** The release that now runs on `hosts` has to answer through every balancer before it may take (more) traffic. */
export function askThrough(
  situation: Situation,
  { routing }: Stage,
  hosts: readonly HostView[],
): Effects | null {
  return forBalancers(situation, "the servers were not asked through the balancer", (balancer) => {
    const weights = Object.values(routing[balancer.host]?.weights ?? {});
    const servers = hosts
      .map(({ host }) => host)
      .filter((host) => weights.some((known) => known[host] !== undefined))
      .filter(
        (host) =>
          situation.facts.direction === "forward" || releaseBefore(situation.goal, host) !== noRelease,
      );
    if (servers.length === 0) return null;
    return { ...onBalancer(situation, balancer), verb: "check", servers };
  });
}

function forBalancers(
  situation: Situation,
  why: string,
  effectOn: (balancer: BalancerView) => Effect | null,
): Effects | null {
  const effects = situation.balancers
    .map(effectOn)
    .filter((effect) => effect !== null && !situation.facts.done.has(effectKey(effect)))
    .filter((effect) => effect !== null);
  return effects.length === 0 ? null : { kind: "effects", effects, why };
}

function onBalancer(
  { goal, facts }: Situation,
  { host }: BalancerView,
): Pick<TrafficEffect, "layer" | "host" | "release"> {
  const release = facts.direction === "forward" ? goal.release : (goal.previous ?? noRelease);
  return { layer: "traffic", host, release };
}
