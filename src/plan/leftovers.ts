import type { Situation } from "./decision.ts";
import { type Effect, noRelease } from "./effect.ts";
import type { HostView } from "./fleet.ts";
import { runsHere } from "./phase.ts";
import { drainEffect, serviceView, serviceWork } from "./service-work.ts";
import type { AppSpec } from "./spec.ts";

/** Drains for whatever still runs beside `release`; services that `spec` does not know go as a whole. */
export function leftovers(
  { goal }: Situation,
  host: HostView,
  release: string,
  spec: AppSpec | undefined,
): readonly Effect[] {
  const known = [...goal.spec.services, ...(goal.previousSpec?.services ?? [])];
  const names = [...new Set(known.map((service) => service.name))];
  return names.flatMap((name) => {
    const service = spec?.services.find((one) => one.name === name && runsHere(one));
    if (service !== undefined) {
      const work = serviceWork(host, service, release, goal.spec.surge);
      return work.others > 0 || work.total > work.wanted ? [drainEffect(work, 0)] : [];
    }
    if (serviceView(host, name).instances.length === 0) return [];
    return [{ layer: "process", verb: "drain", host: host.host, release: noRelease, service: name, keep: 0 }];
  });
}
