import type { ServiceSpec } from "../../plan/spec.ts";
import type { InstanceStatus, ServiceStatus } from "../../process/protocol.ts";
import type { HostStatus } from "../deployment/fleet-status.ts";
import type { SeenFleet } from "./seen.ts";

/** Where one server is not as deployed and configured; one sentence each, empty when all agrees. */
export function hostDrift(fleet: SeenFleet, host: HostStatus): readonly string[] {
  if (!host.reachable) return [`it cannot be reached: ${host.why ?? "no reason is known"}`];
  if (host.current === null) return fleet.hosts.length === 1 ? [] : [`no release is live there`];
  return [...releaseDrift(fleet, host), ...envDrift(host), ...servicesDrift(fleet, host)];
}

function releaseDrift({ settled }: SeenFleet, { current }: HostStatus): readonly string[] {
  const wanted = settled?.release ?? current;
  return wanted === current ? [] : [`release ${current} is live, not ${wanted}`];
}

function envDrift({ current, env }: HostStatus): readonly string[] {
  if (env === "changed") return [`the env file of release ${current} is no longer the one that was deployed`];
  return env === "missing" ? [`the env file of release ${current} is gone`] : [];
}

function servicesDrift(
  { spec, settled }: SeenFleet,
  { current, directory, services }: HostStatus,
): readonly string[] {
  // Nobody knows what runs while there is no supervisor to ask; old ones stay warm while a deployment is under way.
  if (services === null || settled === null) return [];
  const wanted = spec.services.filter((service) => service.engine === "builtin");
  const known = new Set(spec.services.map((service) => service.name));
  const unknown = services.filter((service) => !known.has(service.name));
  return [
    ...wanted.flatMap((service) => serviceDrift({ current, directory, services }, service)),
    ...unknown.map((service) => `${service.name} runs but is not in cutover.yml`),
  ];
}

function serviceDrift(live: Live, wanted: ServiceSpec): readonly string[] {
  const service = live.services.find((one) => one.name === wanted.name);
  if (service === undefined || service.instances.length === 0) return [`${wanted.name} does not run`];
  const open = service.instances.filter((instance) => instance.state === "open").length;
  const lines = service.instances.flatMap((instance) => instanceDrift(live, wanted.name, instance));
  if (open !== wanted.instances)
    lines.push(`${wanted.name} has ${open} of ${wanted.instances} instances taking traffic`);
  if (service.state === "crash-looping")
    lines.push(`${wanted.name} is crash-looping: ${service.problem?.what ?? "see its log"}`);
  return lines;
}

interface Live extends Pick<HostStatus, "current" | "directory"> {
  readonly services: readonly ServiceStatus[];
}

function instanceDrift(
  { current, directory }: Live,
  name: string,
  instance: InstanceStatus,
): readonly string[] {
  const label = `${name} instance ${instance.slot}`;
  if (instance.release !== current) return [`${label} runs release ${instance.release}`];
  const { cwd } = instance;
  if (cwd === undefined || directory === null) return [];
  const isInside = cwd === directory || cwd.startsWith(`${directory}/`);
  return isInside ? [] : [`${label} stands in ${cwd}`];
}
