import { rmSync } from "node:fs";
import type { StopSpec } from "../../plan/spec.ts";
import type { ControlStatus } from "../handover/protocol.ts";
import { askAll } from "./control.ts";
import { signal, tellInstance } from "./follow.ts";
import type { Instance, Retired, Service } from "./life.ts";
import { membersOf } from "./mark.ts";
import { tellShim } from "./shim.ts";

const pollMs = 50;
const afterKillMs = 5000;
const fallbackStop: StopSpec = { signal: "SIGTERM", timeoutMs: 10_000 };

/** Lets an instance finish what it has, ends it, and forgets it. Repeating the call joins the first. */
export async function retire(service: Service, instance: Instance): Promise<Retired> {
  const how = await halt(service, instance);
  forget(service, instance);
  await service.world.save();
  return how;
}

/** As retire, but the instance stays in the list, to show how it went. */
export function halt(service: Service, instance: Instance): Promise<Retired> {
  instance.halted ??= finishAndStop(service, instance);
  return instance.halted;
}

/** Removes an instance that has ended. */
export function forget(service: Service, instance: Instance): void {
  service.instances = service.instances.filter((other) => other !== instance);
  instance.watch.close();
  rmSync(instance.record.runDirectory, { recursive: true, force: true });
  if (service.record.shim !== null) tellShim(service.record.shim, "reap");
}

async function finishAndStop(service: Service, instance: Instance): Promise<Retired> {
  const { record } = instance;
  const spec = service.record.specs[record.release];
  instance.isStopping = true;
  record.wanted = false;
  if (instance.exit === null) {
    record.state = "draining";
    await service.world.save();
    tellInstance(service, instance, "draining");
  }
  const left = await drainClaims(instance, spec?.drainMs ?? 0);
  const isKilled = await stop(instance, spec?.stop ?? fallbackStop);
  return { isForced: isKilled || left > 0, requests: left };
}

/** Requests still in flight when it was drained (0) or its time was over. */
async function drainClaims(instance: Instance, drainMs: number): Promise<number> {
  const { runDirectory } = instance.record;
  const deadline = performance.now() + drainMs;
  let statuses = await drainQuietly(runDirectory, drainMs);
  while (instance.exit === null && (statuses?.some((status) => !status.drained) ?? true)) {
    if (statuses !== null) instance.inFlight = inFlightOf(statuses);
    if (performance.now() >= deadline) return instance.inFlight ?? 1;
    await instance.watch.next(Math.min(pollMs, deadline - performance.now()));
    statuses = await drainQuietly(runDirectory, deadline - performance.now());
  }
  return 0;
}

/** Tells those that do not drain yet (a cluster may add workers). null: one is too busy to answer, so it may have requests. */
async function drainQuietly(
  runDirectory: string,
  deadlineMs: number,
): Promise<readonly ControlStatus[] | null> {
  try {
    const statuses = await askAll(runDirectory, { do: "status" });
    if (statuses.every((status) => status.gate === "draining")) return statuses;
    return await askAll(runDirectory, { do: "drain", deadlineMs: Math.max(deadlineMs, 0) });
  } catch {
    return null;
  }
}

function inFlightOf(statuses: readonly ControlStatus[]): number {
  return statuses.reduce((sum, status) => sum + status.inFlight, 0);
}

/** True when it had to be killed. */
async function stop(instance: Instance, how: StopSpec): Promise<boolean> {
  const { record } = instance;
  instance.watch.notify();
  for (const pid of membersOf(record.leader, record.id)) signal(pid, how.signal);
  if (await endsWithin(instance, how.timeoutMs)) return false;
  const deadline = performance.now() + afterKillMs;
  while (performance.now() < deadline) {
    for (const pid of membersOf(record.leader, record.id)) signal(pid, "SIGKILL");
    if (await endsWithin(instance, pollMs)) break;
  }
  return true;
}

async function endsWithin(instance: Instance, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (instance.exit === null && performance.now() < deadline) {
    await instance.watch.next(Math.min(pollMs, deadline - performance.now()));
  }
  return instance.exit !== null;
}
