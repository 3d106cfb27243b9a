import type { Goal } from "../record.ts";
import type { CohortMatch, Routing } from "../traffic.ts";
import { equalRouting } from "../routing.ts";
import { nameHosts } from "./in-place.ts";
import type { Routes, Stage } from "./strategy.ts";

/** The share of the servers in traffic that every moment keeps, unless the config says another. */
const usualCapacity = 0.5;

export function mapRoutes(routes: Routes, map: (routing: Routing) => Routing): Routes {
  return Object.fromEntries(Object.entries(routes).map(([balancer, routing]) => [balancer, map(routing)]));
}

export function equalRoutes(one: Routes, other: Routes): boolean {
  return Object.entries(one).every(([balancer, routing]) => {
    const there = other[balancer];
    return there !== undefined && equalRouting(routing, there);
  });
}

/** A stage in which nothing but the balancers changes. */
export function trafficStage(says: string, at: number, routing: Routes, holdMs = 0): Stage {
  return { says, from: at, to: at, emptied: false, routing, holdMs };
}

/** The same with the judge's eye on it, where one is asked for. */
export function judgedStage(goal: Goal, stage: Stage): Stage {
  return goal.rollout.canary?.judge === undefined ? stage : { ...stage, watch: "release" };
}

/** `hosts` without traffic, and then the release on them. */
export function emptiedStages(named: string, { hosts, from, before, routing }: Emptied): readonly Stage[] {
  const to = from + hosts.length;
  const upgrade: Stage = { says: `the release on ${named}`, from, to, emptied: true, routing, holdMs: 0 };
  if (equalRoutes(routing, before)) return [upgrade];
  return [trafficStage(`no new requests to ${named}`, from, routing), upgrade];
}

interface Emptied {
  readonly hosts: readonly string[];
  readonly from: number;
  readonly before: Routes;
  readonly routing: Routes;
}

/** Requests of the cohort to those of `hosts` that the balancer knows. */
export function withCohort(routes: Routes, match: CohortMatch, hosts: readonly string[]): Routes {
  return mapRoutes(routes, (routing) => {
    const servers = hosts.filter((host) => knows(routing, host));
    return servers.length === 0 ? routing : { ...routing, cohort: { match, servers } };
  });
}

/** "green (web3, web4)". */
export function nameGroup(name: string, hosts: readonly string[]): string {
  return `${name} (${nameHosts(hosts)})`;
}

export function knows({ weights }: Routing, server: string): boolean {
  return Object.values(weights).some((servers) => servers[server] !== undefined);
}

export function takesTraffic(routes: Routes, server: string): boolean {
  return Object.values(routes).some(({ weights }) =>
    Object.values(weights).some((servers) => (servers[server] ?? 0) > 0),
  );
}

/** Service by service: fewer servers than these may never take traffic because of a deployment. */
export function leastServers(goal: Goal, balancer: string, service: string): number {
  const initial = Object.values(goal.routing[balancer]?.weights[service] ?? {});
  const busy = initial.filter((weight) => weight > 0).length;
  return Math.ceil((goal.rollout.capacity ?? usualCapacity) * busy);
}
