import { existsSync, mkdirSync } from "node:fs";
import { askAll } from "./control.ts";
import { resumeCheck } from "./bring-up.ts";
import { follow, tellInstance } from "./follow.ts";
import { hold, readPid } from "./launch.ts";
import type { Instance, InstanceRecord, Service, ServiceRecord, World } from "./life.ts";
import { isAlive, markOf } from "./mark.ts";
import { ensurePorts } from "./ports.ts";
import { forget, halt } from "./retire.ts";
import { finishRevival, revive } from "./revive.ts";
import type { SavedState } from "./state-file.ts";

/** Takes over what runs, and starts what should run and does not (after a reboot: everything). */
export async function adoptAll(world: World, state: SavedState): Promise<void> {
  const adopted = state.services.map(({ record, instances }) => adoptService(world, record, instances));
  await Promise.all(adopted);
  await world.save();
}

export function newService(world: World, record: ServiceRecord): Service {
  const key = `${record.app}/${record.name}`;
  const service: Service = { world, key, record, instances: [], busy: null, slots: new Map() };
  world.services.set(key, service);
  return service;
}

async function adoptService(
  world: World,
  record: ServiceRecord,
  instances: readonly InstanceRecord[],
): Promise<void> {
  const service = newService(world, record);
  for (const known of instances) {
    mkdirSync(known.runDirectory, { recursive: true, mode: 0o700 });
    service.instances.push(hold(known));
  }
  const spec = record.live === null ? undefined : record.specs[record.live];
  if (record.state !== "stopped" && spec !== undefined) {
    await ensurePorts(service, spec).catch((error: unknown) => {
      record.problem = {
        code: "PORT_LOST",
        what: `${service.key} could not open its port.`,
        why: String(error),
      };
    });
  }
  await Promise.all(service.instances.map((instance) => adoptInstance(service, instance)));
}

async function adoptInstance(service: Service, instance: Instance): Promise<void> {
  const { record } = instance;
  recoverMark(record);
  if (!isAlive(record.mark) && !hasExit(record)) return dropOrRevive(service, instance);
  if (record.state === "failed") return dropOrRevive(service, instance);
  void follow(service, instance);
  tellInstance(service, instance, "adopted");
  if (record.state === "draining") {
    void halt(service, instance).then(() => forget(service, instance));
    return;
  }
  if (record.state === "starting" || (record.state === "ready" && record.wanted)) {
    resumeCheck(service, instance);
    if (record.wanted) void finishRevival(service, instance);
    return;
  }
  await agreeOnGate(instance);
}

/** The supervisor may have died between the launch and the note of its pid. */
function recoverMark(record: InstanceRecord): void {
  if (record.mark !== null) return;
  const pid = readPid(record.runDirectory);
  if (pid === null) return;
  record.mark = markOf(pid);
  record.leader = record.mark;
}

/** It ended while nobody looked: follow() reads how. */
function hasExit(record: InstanceRecord): boolean {
  return existsSync(`${record.runDirectory}/exit`);
}

function dropOrRevive(service: Service, instance: Instance): void {
  const { record } = instance;
  instance.exit ??= { code: null, signal: null, at: Date.now() };
  instance.end(instance.exit);
  const isWanted = record.wanted && service.record.state !== "stopped";
  if (isWanted) revive(service, instance);
  else forget(service, instance);
}

/** The last order may have been given and not noted, or noted and not given: what was noted counts. */
async function agreeOnGate(instance: Instance): Promise<void> {
  const { record } = instance;
  const order = record.state === "open" ? "open" : record.state === "parked" ? "park" : "status";
  await askAll(record.runDirectory, { do: order }).catch(() => []);
}
