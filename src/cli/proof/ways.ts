import type { Config } from "../../config/load.ts";
import type { ProofConfig } from "../../config/proof.ts";
import type { ServiceSpec } from "../../plan/spec.ts";
import { type Between, earlierOf, pathOf, targetAt, type Way } from "./target.ts";
import { type BalancerPlace, waysBehind } from "./ways-behind.ts";

/** Ways to ask one service as clients do, the likeliest first. */
type Choice = readonly Way[];

/** What is not asked, and why. */
export interface Unasked {
  readonly service: string;
  readonly why: string;
}

/** A choice for each service; none with the reason. */
export type Ways =
  | { readonly choices: readonly Choice[]; readonly unasked: readonly Unasked[] }
  | { readonly choices: null; readonly why: string; readonly fix?: string | undefined };

export const sayUrl =
  "Say in proof.url what clients ask, for example proof: { url: https://shop.example.com/health }.";

/** proof.url, else the health paths: behind balancers through them, else at the service's own port, on every server. */
export function waysOf(
  config: Config,
  proof: ProofConfig,
  between: Between,
  balancers: readonly BalancerPlace[],
): Ways {
  if (proof.url !== undefined) return { choices: [[[{ url: proof.url, expect: {} }]]], unasked: [] };
  return config.balancers.length > 0
    ? throughBalancers(config, between, balancers)
    : atServers(config, between);
}

const notBefore = "was not there before";

function atServers(config: Config, between: Between): Ways {
  const services = between.next.services.filter(
    ({ port, health }) => port !== undefined && health.kind === "http",
  );
  if (services.length === 0) return nothing("no service has a port and a health path that could be asked");
  return choose(services, (service) => {
    const earlier = earlierOf(service, between);
    if (earlier === undefined) return notBefore;
    if (earlier.port !== service.port || pathOf(earlier) !== pathOf(service))
      return "changes its port or its health path";
    const { port } = service;
    return [hostsOf(config, service).map((host) => targetAt({ isTls: false, host, port }, service))];
  });
}

function throughBalancers({ spec }: Config, between: Between, balancers: readonly BalancerPlace[]): Ways {
  const backends = spec.traffic?.backends ?? {};
  const services = between.next.services.filter(
    ({ name, health }) => backends[name] !== undefined && health.kind === "http",
  );
  if (services.length === 0)
    return nothing("no service behind the balancer has a health path that could be asked");
  return choose(services, (service) => {
    const earlier = earlierOf(service, between);
    if (earlier === undefined) return notBefore;
    if (pathOf(earlier) !== pathOf(service)) return "changes its health path";
    const ways = waysBehind(service, balancers);
    const unclear = `cannot be found in the configuration of ${balancers.map(({ name }) => name).join(", ")}`;
    return ways.length > 0 ? ways : unclear;
  });
}

/** `waysTo` answers with the reason where there are none. */
function choose(
  services: readonly ServiceSpec[],
  waysTo: (service: ServiceSpec) => readonly Way[] | string,
): Ways {
  const found = services.map((service) => ({ service: service.name, ways: waysTo(service) }));
  const choices = found.flatMap(({ ways }) => (typeof ways === "string" ? [] : [ways]));
  const unasked = found.flatMap(({ service, ways: why }) =>
    typeof why === "string" ? [{ service, why }] : [],
  );
  if (choices.length > 0) return { choices, unasked };
  return nothing(unasked.map(({ service, why }) => `${service} ${why}`).join(", "), sayUrl);
}

function nothing(why: string, fix?: string): Ways {
  return { choices: null, why, fix };
}

function hostsOf({ servers }: Config, service: ServiceSpec): readonly string[] {
  return servers.length === 0 ? [ownAddress(service)] : servers.map(({ name }) => name);
}

function ownAddress({ host }: ServiceSpec): string {
  if (host === undefined || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
