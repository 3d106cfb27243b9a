import type { Situation } from "./decision.ts";
import { type Effect, noRelease } from "./effect.ts";
import type { HostView } from "./fleet.ts";
import { runsHere } from "./phase.ts";
import { drainEffect, serviceWork } from "./service-work.ts";
import type { AppSpec, ServiceSpec } from "./spec.ts";

/** Drains for whatever still runs beside `release`; services that `spec` does not know go as a whole. */
export function leftovers(
  situation: Situation,
  host: HostView,
  release: string,
  spec: AppSpec | undefined,
): readonly Effect[] {
  const { goal } = situation;
  const known = [...goal.spec.services, ...(goal.previousSpec?.services ?? [])];
  const names = [...new Set(known.map((service) => service.name))];
  return names.flatMap((name) => {
    const service = spec?.services.find((one) => one.name === name);
    if (service === undefined || !runsHere(service)) return leave(host, name, service);
    const work = serviceWork(host, service, release, goal.spec.surge);
    const isSurplus = situation.facts.direction === "forward" && work.total > work.wanted;
    return work.others > 0 || isSurplus ? [drainEffect(work, 0)] : [];
  });
}

/** What the supervisor knows of a service that it shall no longer run. */
function leave(host: HostView, name: string, service: ServiceSpec | undefined): readonly Effect[] {
  const view = host.services.find((one) => one.name === name);
  const isThere = view !== undefined && (service === undefined || view.instances.length > 0);
  if (!isThere) return [];
  return [{ layer: "process", verb: "drain", host: host.host, release: noRelease, service: name, keep: 0 }];
}
