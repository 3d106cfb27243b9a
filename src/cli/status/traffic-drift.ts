import type { BalancerView, Weights } from "../../plan/traffic.ts";
import { describeMatch } from "../present/routing.ts";
import type { SeenFleet } from "./seen.ts";

/** Where a balancer does not do what the last deployment left it doing; one sentence each. */
export function trafficDrift(fleet: SeenFleet, balancer: BalancerView): readonly string[] {
  const { host } = balancer;
  if (!balancer.reachable) return [`${host} cannot be reached: ${balancer.why ?? "no reason is known"}`];
  return [
    ...unknownServers(fleet, balancer),
    ...(fleet.settled === null
      ? []
      : [
          ...weightDrift(fleet.settled.routing[host]?.weights ?? {}, balancer),
          ...cohortDrift(fleet, balancer),
        ]),
    ...downServers(balancer),
  ];
}

function unknownServers({ spec, hosts }: SeenFleet, { host, routing }: BalancerView): readonly string[] {
  return Object.keys(spec.traffic?.backends ?? {}).flatMap((service) => {
    const known = routing.weights[service] ?? {};
    const unknown = hosts.map(({ host: name }) => name).filter((name) => known[name] === undefined);
    const backend = spec.traffic?.backends[service] ?? service;
    return unknown.map((name) => `${host} has no server ${name} in its backend ${backend} of ${service}`);
  });
}

function weightDrift(expected: Weights, { host, routing }: BalancerView): readonly string[] {
  return Object.entries(expected).flatMap(([service, servers]) =>
    Object.entries(servers).flatMap(([server, wanted]) => {
      const weight = routing.weights[service]?.[server];
      if (weight === undefined || weight === wanted) return [];
      const label = `${host} gives ${server} the weight ${weight} for ${service}`;
      return [
        weight === 0
          ? `${host} sends no requests for ${service} to ${server} (cutover restore ${server})`
          : `${label}; the last deployment ended with ${wanted}`,
      ];
    }),
  );
}

function cohortDrift({ settled }: SeenFleet, { host, routing }: BalancerView): readonly string[] {
  const { cohort } = routing;
  if (cohort === undefined || settled?.routing[host]?.cohort !== undefined) return [];
  return [`${host} still sends ${describeMatch(cohort.match)} to ${cohort.servers.join(", ")} alone`];
}

function downServers({ host, servers }: BalancerView): readonly string[] {
  const down = servers.filter(({ isUp }) => !isUp);
  return down.map(({ server, service }) => `${host} finds ${service} on ${server} down`);
}
