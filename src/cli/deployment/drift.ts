import { sep } from "node:path";
import type { AppSpec, ServiceSpec } from "../../plan/spec.ts";
import type { InstanceStatus, ServiceStatus } from "../../process/protocol.ts";

export interface Seen {
  readonly spec: AppSpec;
  readonly current: string | null;
  /** Real directory of the live release. */
  readonly directory: string | null;
  readonly services: readonly ServiceStatus[];
}

/** Where what runs is not what is live and configured; one sentence each, empty when all agrees. */
export function describeDrift(seen: Seen): readonly string[] {
  if (seen.current === null) return [];
  const wanted = seen.spec.services.filter((service) => service.engine === "builtin");
  const known = new Set(seen.spec.services.map((service) => service.name));
  const unknown = seen.services.filter((service) => !known.has(service.name));
  return [
    ...wanted.flatMap((service) => driftOf(seen, service)),
    ...unknown.map((service) => `${service.name} runs but is not in cutover.yml`),
  ];
}

function driftOf(seen: Seen, wanted: ServiceSpec): readonly string[] {
  const service = seen.services.find((one) => one.name === wanted.name);
  if (service === undefined || service.instances.length === 0) return [`${wanted.name} does not run`];
  const open = service.instances.filter((instance) => instance.state === "open").length;
  const lines = service.instances.flatMap((instance) => instanceDrift(seen, wanted.name, instance));
  if (open !== wanted.instances)
    lines.push(`${wanted.name} has ${open} of ${wanted.instances} instances taking traffic`);
  if (service.state === "crash-looping")
    lines.push(`${wanted.name} is crash-looping: ${service.problem?.what ?? "see its log"}`);
  return lines;
}

function instanceDrift(seen: Seen, name: string, instance: InstanceStatus): readonly string[] {
  const label = `${name} instance ${instance.slot}`;
  if (instance.release !== seen.current) return [`${label} runs release ${instance.release}`];
  const { cwd } = instance;
  if (cwd === undefined || seen.directory === null) return [];
  const isInside = cwd === seen.directory || cwd.startsWith(seen.directory + sep);
  return isInside ? [] : [`${label} stands in ${cwd}`];
}
