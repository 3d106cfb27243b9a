import { Problem } from "../problem.ts";
import type { ServiceSpec } from "./spec.ts";

/** Services in the levels that `after:` asks for: those of one level may move together. Throws SERVICE_CYCLE, SERVICE_UNKNOWN. */
export function orderServices(services: readonly ServiceSpec[]): readonly (readonly ServiceSpec[])[] {
  refuseUnknown(services);
  const levels: (readonly ServiceSpec[])[] = [];
  const placed = new Set<string>();
  let rest = services;
  while (rest.length > 0) {
    const level = rest.filter((service) => service.after.every((name) => placed.has(name)));
    if (level.length === 0) throw cycleProblem(rest);
    for (const service of level) placed.add(service.name);
    levels.push(level);
    rest = rest.filter((service) => !placed.has(service.name));
  }
  return levels;
}

function refuseUnknown(services: readonly ServiceSpec[]): void {
  const names = new Set(services.map((service) => service.name));
  for (const service of services) {
    const unknown = service.after.find((name) => !names.has(name));
    if (unknown === undefined) continue;
    throw new Problem({
      code: "SERVICE_UNKNOWN",
      what: `Service ${service.name} is to start after ${unknown}, which is not a service of this app.`,
      fix: `Correct services.${service.name}.after in cutover.yml; known are: ${[...names].join(", ")}.`,
      exit: 2,
    });
  }
}

function cycleProblem(services: readonly ServiceSpec[]): Problem {
  const names = services.map((service) => service.name).join(", ");
  return new Problem({
    code: "SERVICE_CYCLE",
    what: `The services ${names} wait for each other.`,
    why: "Their after: lists form a circle, so none of them could start first.",
    fix: "Remove one of the after: entries in cutover.yml.",
    exit: 2,
  });
}
