import { isProblem, Problem } from "../../problem.ts";
import { isCrashLoop, restartDelayMs } from "./backoff.ts";
import { bringUp, learnPort, portWantedBy } from "./bring-up.ts";
import { sleep } from "./deferred.ts";
import { crashOf } from "./failure.ts";
import { openGate } from "./gate.ts";
import type { Instance, Service, SlotHistory } from "./life.ts";
import { ensurePorts } from "./ports.ts";
import { setServiceState } from "./service-state.ts";
import { forget, halt } from "./retire.ts";

/** An instance that ran this long since its last end starts with a clean record. */
const stableMs = 30_000;

/** An instance that took traffic has ended and nobody asked for it: its slot is started again, ever more slowly. */
export function revive(service: Service, instance: Instance): void {
  reviveSlot(service, instance).catch((error: unknown) => {
    service.record.problem = (isProblem(error) ? error : unstartable(service, error)).detail;
  });
}

/** Calls off the pending start of a slot. */
export function cancelRevival(service: Service, instance: Instance): void {
  const history = historyOf(service, instance);
  history.revival?.abort();
  history.revival = null;
}

/** Calls off every pending start and forgets past ends: somebody has taken the service in hand. */
export function forgetHistory(service: Service): void {
  for (const history of service.slots.values()) {
    history.revival?.abort();
    if (history.stable !== null) clearTimeout(history.stable);
  }
  service.slots.clear();
}

async function reviveSlot(service: Service, lost: Instance): Promise<void> {
  lost.record.state = "failed";
  const { history, revival } = beginRevival(service, lost);
  await restartUntilItStays(service, lost, history, revival);
}

/** A start that another supervisor had begun when it died: the check runs, its end is to be acted on. */
export async function finishRevival(service: Service, instance: Instance): Promise<void> {
  const { history, revival } = beginRevival(service, instance);
  const dead = await openChecked(service, instance, history, revival);
  if (dead !== null) await restartUntilItStays(service, dead, history, revival);
}

function beginRevival(
  service: Service,
  instance: Instance,
): { readonly history: SlotHistory; readonly revival: AbortController } {
  const history = historyOf(service, instance);
  const revival = new AbortController();
  history.revival?.abort();
  history.revival = revival;
  return { history, revival };
}

async function restartUntilItStays(
  service: Service,
  lost: Instance,
  history: SlotHistory,
  revival: AbortController,
): Promise<void> {
  let dead: Instance | null = lost;
  while (dead !== null && !revival.signal.aborted) {
    const delayMs = await countEnd(service, dead, history);
    if (delayMs === null) return;
    await sleep(delayMs, revival.signal);
    if (revival.signal.aborted) return;
    const seated = await replaceDead(service, dead);
    if (seated !== null) dead = await openChecked(service, seated, history, revival);
  }
}

/** Null when nothing is left to do: it takes traffic, or somebody has taken the service in hand. Else the one that failed. */
async function openChecked(
  service: Service,
  seated: Instance,
  history: SlotHistory,
  revival: AbortController,
): Promise<Instance | null> {
  const problem = await seated.checked;
  const last = service.instances.find((one) => isSameSeat(one, seated));
  if (last === undefined || revival.signal.aborted) return null;
  if (problem === null && (await opens(service, last))) {
    settleDown(service, history);
    return null;
  }
  if (last.exit === null) await halt(service, last);
  return last;
}

/** Null when it could not even be launched: the dead one keeps its seat, and the service says why. */
async function replaceDead(service: Service, dead: Instance): Promise<Instance | null> {
  const { release, slot, restarts } = dead.record;
  try {
    const spec = service.record.specs[release];
    if (spec !== undefined) await ensurePorts(service, spec);
    const next = await bringUp(service, { release, slot, restarts: restarts + 1, wanted: true });
    forget(service, dead);
    return next;
  } catch (error) {
    service.record.problem = (isProblem(error) ? error : unstartable(service, error)).detail;
    return null;
  }
}

function unstartable(service: Service, error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error);
  return new Problem({ code: "RESTART_FAILED", what: `${service.key} could not be started again.`, why });
}

function isSameSeat(one: Instance, other: Instance): boolean {
  return one.record.release === other.record.release && one.record.slot === other.record.slot;
}

/** Pause before the next start; null when there is to be none. A program that only asked for its port did not fail. */
async function countEnd(service: Service, dead: Instance, history: SlotHistory): Promise<number | null> {
  const { record } = service;
  const spec = record.specs[dead.record.release];
  const port = portWantedBy(dead);
  dead.record.state = "failed";
  if (spec === undefined) return null;
  if (port !== null) {
    await learnPort(service, dead, port);
    return 0;
  }
  if (history.stable !== null) clearTimeout(history.stable);
  history.stable = null;
  history.inRow += 1;
  record.restarts += 1;
  record.lastEnd = crashOf(service, dead, history.inRow).detail;
  const isLoop = isCrashLoop(spec.restart, history.inRow);
  if (isLoop || !spec.restart.auto) record.problem = crashOf(service, dead, history.inRow).detail;
  if (isLoop) setServiceState(service, "crash-looping", `instance ${String(dead.record.slot)} keeps ending`);
  if (!spec.restart.auto) {
    dead.record.wanted = false;
    if (!service.instances.some((one) => one.exit === null)) setServiceState(service, "stopped", "it ended");
  }
  await service.world.save();
  return spec.restart.auto ? restartDelayMs(spec.restart, history.inRow) : null;
}

async function opens(service: Service, instance: Instance): Promise<boolean> {
  try {
    await openGate(service, instance);
    await service.world.save();
    return true;
  } catch {
    return false;
  }
}

function settleDown(service: Service, history: SlotHistory): void {
  history.revival = null;
  history.stable = setTimeout(() => {
    history.inRow = 0;
    history.stable = null;
    const isCalm = [...service.slots.values()].every((slot) => slot.inRow === 0);
    if (!isCalm || service.record.state !== "crash-looping") return;
    service.record.problem = null;
    setServiceState(service, "running", "its instances stay up");
    void service.world.save();
  }, stableMs);
  history.stable.unref();
}

function historyOf(service: Service, instance: Instance): SlotHistory {
  const key = `${instance.record.release}:${String(instance.record.slot)}`;
  const found = service.slots.get(key);
  if (found !== undefined) return found;
  const fresh: SlotHistory = { inRow: 0, stable: null, revival: null };
  service.slots.set(key, fresh);
  return fresh;
}
