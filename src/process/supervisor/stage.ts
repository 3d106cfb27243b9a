import type { StageRequest } from "../protocol.ts";
import { bringUp } from "./bring-up.ts";
import type { Instance, Service } from "./life.ts";
import { ensurePorts } from "./ports.ts";
import { forget } from "./retire.ts";
import { setServiceState } from "./service-state.ts";

/** Sees to it that there are `count` instances of the release, new ones with their gate closed. Problem PORT_TAKEN, CWD_MISSING. */
export async function stage(service: Service, request: StageRequest): Promise<void> {
  const { record } = service;
  const { release, count, spec } = request;
  const isFirst = record.live === null && service.instances.length === 0;
  record.specs[release] = spec;
  record.counts[release] = count;
  for (const failed of ofRelease(service, release).filter(isDead)) forget(service, failed);
  await ensurePorts(service, spec);
  const have = ofRelease(service, release);
  const taken = new Set(have.map((instance) => instance.record.slot));
  const free = Array.from({ length: count + have.length }, (_, slot) => slot).filter(
    (slot) => !taken.has(slot),
  );
  const missing = free.slice(0, Math.max(count - have.length, 0));
  await Promise.all(missing.map((slot) => bringUp(service, { release, slot, restarts: 0, wanted: false })));
  if (isFirst || record.state === "stopped")
    setServiceState(service, "running", `release ${release} is staged`);
  await service.world.save();
}

export function ofRelease(service: Service, release: string): readonly Instance[] {
  return service.instances.filter((one) => one.record.release === release && one.record.state !== "draining");
}

/** Failed before it took traffic; a dead one that is to come back counts as present. */
function isDead(instance: Instance): boolean {
  return instance.record.state === "failed" && !instance.record.wanted;
}
