import type { Service } from "./life.ts";

const byHand = /^g\d+$/;

/** Release as others know it: a deployed one that was reloaded by hand keeps its name. */
export function publicName(release: string): string {
  return release.split("~")[0] ?? release;
}

/** The supervisor's own name of a release that others speak of. */
export function ownName(service: Service, release: string): string {
  const { live } = service.record;
  return live !== null && publicName(live) === release ? live : release;
}

/** Name of the next generation: g<n> by hand, <release>~<n> when a deployed release is started anew. */
export function nextName(service: Service): string {
  const { record } = service;
  record.generation += 1;
  const isDeployed = record.live !== null && !byHand.test(record.live);
  return isDeployed
    ? `${publicName(record.live ?? "")}~${String(record.generation)}`
    : `g${String(record.generation)}`;
}
