import { rmSync } from "node:fs";
import type { ServiceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import type { DrainResult, ReplaceResult } from "../protocol.ts";
import { nothingDrained, retireAll, type Drained } from "./drain.ts";
import type { Service } from "./life.ts";
import { closePorts, serviceDirectory } from "./ports.ts";
import { publicName } from "./release-name.ts";
import { replaceAll, scale } from "./replace.ts";
import { forgetHistory } from "./revive.ts";
import { setServiceState } from "./service-state.ts";
import { serviceStatus } from "./status.ts";

/** First start, start of a stopped service, another number of instances, or (a changed spec) a replacement. */
export async function startService(service: Service, given: ServiceSpec | undefined): Promise<ReplaceResult> {
  const live = liveSpec(service);
  const spec = given ?? live;
  if (spec === undefined) throw nothingToStart(service);
  const isRunning = service.record.state !== "stopped" && service.instances.length > 0;
  if (!isRunning) {
    const work = given === undefined ? restart(service, spec) : replaceAll(service, spec);
    return replaced(service, await closedAfterFailure(service, work));
  }
  if (live !== undefined && isOnlyScaled(live, spec)) return replaced(service, await scale(service, spec));
  const isWell = given === undefined && service.record.state === "running";
  return replaced(service, isWell ? nothingDrained : await replaceAll(service, spec));
}

/** Replaces the running instances; a stopped service is started. */
export async function reloadService(
  service: Service,
  given: ServiceSpec | undefined,
): Promise<ReplaceResult> {
  const spec = given ?? liveSpec(service);
  if (spec === undefined) throw nothingToStart(service);
  const isRunning = service.instances.length > 0;
  const work = replaceAll(service, spec);
  return replaced(service, await (isRunning ? work : closedAfterFailure(service, work)));
}

/** Drains and ends every instance and closes the port; the service stays known. */
export async function stopService(service: Service): Promise<DrainResult> {
  const drained = await endAll(service);
  setServiceState(service, "stopped", "stopped by hand");
  await service.world.save();
  return { ...drained, status: serviceStatus(service) };
}

/** Stops the service and forgets it. */
export async function removeService(service: Service): Promise<DrainResult> {
  const drained = await endAll(service);
  setServiceState(service, "stopped", "deleted");
  service.world.services.delete(service.key);
  rmSync(serviceDirectory(service), { recursive: true, force: true });
  await service.world.save();
  return { ...drained, status: serviceStatus(service) };
}

async function endAll(service: Service): Promise<Drained> {
  forgetHistory(service);
  const drained = await retireAll(service, service.instances);
  closePorts(service);
  service.record.problem = null;
  return drained;
}

/** The same release again; its directories are resolved anew, as for every start by hand. */
function restart(service: Service, spec: ServiceSpec): Promise<Drained> {
  service.record.directories = {};
  return scale(service, spec);
}

/** A service that did not come up must not leave an open port behind that nobody answers. */
async function closedAfterFailure(service: Service, work: Promise<Drained>): Promise<Drained> {
  try {
    return await work;
  } catch (error) {
    await endAll(service);
    setServiceState(service, "stopped", "it did not come up");
    if (service.record.live === null) {
      service.world.services.delete(service.key);
      rmSync(serviceDirectory(service), { recursive: true, force: true });
    }
    await service.world.save();
    throw error;
  }
}

function liveSpec(service: Service): ServiceSpec | undefined {
  const { live, specs } = service.record;
  return live === null ? undefined : specs[live];
}

function replaced(service: Service, drained: Drained): ReplaceResult {
  const release = publicName(service.record.live ?? "");
  return { ...drained, release, status: serviceStatus(service) };
}

function isOnlyScaled(live: ServiceSpec, next: ServiceSpec): boolean {
  return (
    live.instances !== next.instances &&
    JSON.stringify(sorted({ ...live, instances: 0 })) === JSON.stringify(sorted({ ...next, instances: 0 }))
  );
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]);
}

function nothingToStart(service: Service): Problem {
  return new Problem({
    code: "SERVICE_UNKNOWN",
    what: `There is no service ${service.key}.`,
    fix: "Start it with its command first.",
    exit: exits.refused,
  });
}
