import type { Effect } from "../../plan/effect.ts";
import type { Observed } from "../../plan/fleet.ts";

/** Whatever may be felt by clients; filling the directory of a release is not. */
export function isChange({ layer, verb }: Effect): boolean {
  return layer !== "release" || verb === "switch";
}

/** Requests go elsewhere from then on, or the ones under way have to come to an end. */
export function isSwitch(effect: Effect, { hosts, balancers }: Observed): boolean {
  if (effect.layer === "traffic") return effect.verb === "switch";
  if (effect.layer !== "process" || (effect.verb !== "switch" && effect.verb !== "drain")) return false;
  const { host, service, release, keep } = effect;
  const weights = balancers.flatMap(({ routing }) => routing.weights[service]?.[host] ?? []);
  if (weights.length > 0 && Math.max(...weights) === 0) return false;
  const view = hosts.find((one) => one.host === host)?.services.find(({ name }) => name === service);
  const instances = view?.instances ?? [];
  if (instances.length === 0) return effect.verb === "switch";
  const others = instances.filter((one) => one.state === "open" && one.release !== release);
  return others.length > keep;
}
