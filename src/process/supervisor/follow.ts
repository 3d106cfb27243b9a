import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { ExitReport, InstanceStatus } from "../protocol.ts";
import { askAll } from "./control.ts";
import { codeOf } from "./error-code.ts";
import type { Instance, Service } from "./life.ts";
import { isAlive, markOf, membersOf } from "./mark.ts";

const backstopMs = 1000;
/** Nothing wakes us for a process that is not the shim's child. */
const closeMs = 50;
const recordMs = 500;

/** Watches an instance until it has ended, then says so once. */
export async function follow(service: Service, instance: Instance): Promise<void> {
  let exitIsOld = false;
  while (true) {
    const report = exitIsOld ? null : readExit(instance.record.runDirectory);
    if (report !== null || !isAlive(instance.record.mark)) {
      const known = report ?? (exitIsOld ? null : await lateExit(instance));
      if (!(await outlivesLeader(instance, known))) return finish(service, instance, known);
      exitIsOld = true;
    }
    await instance.watch.next(exitIsOld || instance.isStopping ? closeMs : backstopMs);
  }
}

export function tellInstance(service: Service, instance: Instance, why: string): void {
  service.world.emit({
    event: "instance",
    key: service.key,
    instance: statusOf(instance),
    why,
    at: Date.now(),
  });
}

export function statusOf(instance: Instance): InstanceStatus {
  const { id, release, state, cwd, restarts, slot, startedAt, logFile, mark } = instance.record;
  const { memoryBytes, cpu, inFlight, exit } = instance;
  const base = { id, release, state, cwd, restarts, slot, startedAt, logFile, memoryBytes, cpu, inFlight };
  return { ...base, pid: exit === null ? mark?.pid : undefined, exit: exit ?? undefined };
}

/** A program may leave its first process behind (setsid, a killed npm): what still holds the port, or daemonised, counts. */
async function outlivesLeader(instance: Instance, report: ExitReport | null): Promise<boolean> {
  const { record } = instance;
  const [claim] = await askAll(record.runDirectory, { do: "status" }).catch(() => []);
  const stays = report?.code === 0 || instance.isStopping;
  const [member] = stays ? membersOf(record.leader, record.id) : [];
  const next = claim?.pid ?? member;
  if (next === undefined) return false;
  record.mark = markOf(next);
  return record.mark !== null;
}

function finish(service: Service, instance: Instance, report: ExitReport | null): void {
  const exit = report ?? { code: null, signal: null, at: Date.now() };
  instance.exit = exit;
  for (const pid of membersOf(instance.record.leader, instance.record.id)) signal(pid, "SIGKILL");
  instance.watch.close();
  instance.end(exit);
  tellInstance(service, instance, "ended");
  const isSurprise = instance.record.state === "open" && instance.record.wanted && !instance.isStopping;
  if (isSurprise) service.world.onLost(service, instance);
}

async function lateExit(instance: Instance): Promise<ExitReport | null> {
  const deadline = performance.now() + recordMs;
  while (performance.now() < deadline) {
    const report = readExit(instance.record.runDirectory);
    if (report !== null) return report;
    await instance.watch.next(50);
  }
  return null;
}

/** The shell reports a signal as 128 + its number. */
function readExit(runDirectory: string): ExitReport | null {
  let status: number;
  try {
    status = Number(readFileSync(join(runDirectory, "exit"), "utf8"));
  } catch {
    return null;
  }
  const signal = Object.entries(constants.signals).find(([, number]) => number === status - 128)?.[0];
  return signal === undefined
    ? { code: status, signal: null, at: Date.now() }
    : { code: null, signal, at: Date.now() };
}

/** A process that is gone already is no error; one of another user (sudo) cannot be told, and is waited for. */
export function signal(pid: number, name: string): void {
  try {
    process.kill(pid, signalNumber(name));
  } catch (error) {
    if (codeOf(error) !== "ESRCH" && codeOf(error) !== "EPERM") throw error;
  }
}

/** A spec may name a signal that this system does not have. */
function signalNumber(name: string): number {
  const found = Object.entries(constants.signals).find(([known]) => known === name);
  return found?.[1] ?? constants.signals.SIGTERM;
}
