import { isIP } from "node:net";
import type { ServiceSpec } from "../../plan/spec.ts";
import type { Frontend } from "../../plan/traffic.ts";
import { type Target, targetAt, type Way } from "./target.ts";

/** A balancer, and where clients reach the services on it. */
export interface BalancerPlace {
  /** As in traffic.hosts, without the user. */
  readonly name: string;
  /** The host that ssh connects to. */
  readonly host: string;
  /** It is on the operator's machine. */
  readonly isHere: boolean;
  readonly frontends: readonly Frontend[];
}

interface Door {
  readonly balancer: BalancerPlace;
  readonly frontend: Frontend;
}

/** By the names that clients know, one after the other, else at all the balancers together; with TLS before without. */
export function waysBehind(service: ServiceSpec, balancers: readonly BalancerPlace[]): readonly Way[] {
  const doors = balancers
    .flatMap((balancer) => balancer.frontends.map((frontend) => ({ balancer, frontend })))
    .filter(({ frontend }) => frontend.service === service.name)
    .toSorted((one, other) => Number(other.frontend.isTls) - Number(one.frontend.isTls));
  const named = doors.flatMap(({ frontend: { isTls, port, names } }) =>
    names.filter(isPublic).map((host): Way => [targetAt({ isTls, port, host }, service)]),
  );
  const kindOf = ({ frontend: { isTls, port, names } }: Door): string => `${isTls} ${port} ${names[0]}`;
  const byAddress = distinct(doors.map(kindOf)).map((kind): Way => {
    const alike = doors.filter((door) => kindOf(door) === kind);
    return distinct(alike.flatMap((door) => addressTargets(door, service)));
  });
  return distinct([...named, ...byAddress].filter((way) => way.length > 0));
}

/** A name of this machine would lead the operator to its own. */
function isPublic(name: string): boolean {
  return !/^(localhost|.*\.localhost|127\..*)$/i.test(name);
}

function addressTargets({ balancer, frontend }: Door, service: ServiceSpec): readonly Target[] {
  const { isTls, port, address, names } = frontend;
  if (address !== undefined && isLoopback(address) && !balancer.isHere) return [];
  const host = address ?? balancer.host;
  const name = names.find((one) => isIP(one) === 0);
  const place = name === undefined ? { isTls, port, host } : { isTls, port, host: name, at: host };
  return [targetAt(place, service)];
}

function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || address.startsWith("127.");
}

function distinct<T>(all: readonly T[]): readonly T[] {
  const known = new Set<string>();
  return all.filter((one) => known.size < known.add(JSON.stringify(one)).size);
}
