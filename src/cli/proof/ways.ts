import type { Config } from "../../config/load.ts";
import type { ProofConfig } from "../../config/proof.ts";
import type { ServiceSpec } from "../../plan/spec.ts";
import { type Between, earlierOf, pathOf, targetAt, type Way } from "./target.ts";
import { type BalancerPlace, waysBehind } from "./ways-behind.ts";

/** Ways to ask as clients do, the likeliest first; none with the reason. */
export type Ways =
  | { readonly ways: readonly Way[] }
  | { readonly ways: null; readonly why: string; readonly fix?: string | undefined };

export const sayUrl =
  "Say in proof.url what clients ask, for example proof: { url: https://shop.example.com/health }.";

/** proof.url, else a health path: behind balancers through them, else at the service's own port, on every server. */
export function waysOf(
  config: Config,
  proof: ProofConfig,
  between: Between,
  balancers: readonly BalancerPlace[],
): Ways {
  if (proof.url !== undefined) return { ways: [[{ url: proof.url, expect: {} }]] };
  return config.balancers.length > 0
    ? throughBalancers(config, between, balancers)
    : atServers(config, between);
}

function atServers(config: Config, between: Between): Ways {
  const service = between.next.services.find(
    ({ port, health }) => port !== undefined && health.kind === "http",
  );
  if (service === undefined) return nothing("no service has a port and a health path that could be asked");
  const earlier = earlierOf(service, between);
  if (earlier?.port !== service.port || pathOf(earlier) !== pathOf(service))
    return nothing(`${service.name} changes its port or its health path`, sayUrl);
  const way = hostsOf(config, service).map((host) =>
    targetAt({ isTls: false, host, port: service.port }, service),
  );
  return { ways: [way] };
}

function throughBalancers({ spec }: Config, between: Between, balancers: readonly BalancerPlace[]): Ways {
  const backends = spec.traffic?.backends ?? {};
  const services = between.next.services.filter(
    ({ name, health }) => backends[name] !== undefined && health.kind === "http",
  );
  if (services.length === 0)
    return nothing("no service behind the balancer has a health path that could be asked");
  const same = services.filter((service) => pathOf(earlierOf(service, between)) === pathOf(service));
  if (same.length === 0) return nothing(`${namesOf(services)} changes its health path`, sayUrl);
  const ways = same.flatMap((service) => waysBehind(service, balancers));
  return ways.length > 0
    ? { ways }
    : nothing(
        `where clients reach ${namesOf(same)} is not clear from the configuration of ${namesOf(balancers)}`,
        sayUrl,
      );
}

function nothing(why: string, fix?: string): Ways {
  return { ways: null, why, fix };
}

function namesOf(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(", ");
}

function hostsOf({ servers }: Config, service: ServiceSpec): readonly string[] {
  return servers.length === 0 ? [ownAddress(service)] : servers.map(({ name }) => name);
}

function ownAddress({ host }: ServiceSpec): string {
  if (host === undefined || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
