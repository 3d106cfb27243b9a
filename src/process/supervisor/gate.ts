import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isProblem, Problem } from "../../problem.ts";
import { askAll } from "./control.ts";
import { sleep } from "./deferred.ts";
import { crashOf } from "./failure.ts";
import { tellInstance } from "./follow.ts";
import type { Instance, Service } from "./life.ts";

const noticeMs = 1000;

/** Lets an instance accept. Problem GATE_STUCK when it cannot any more; one that already accepts is left alone. */
export async function openGate(service: Service, instance: Instance): Promise<void> {
  const { record } = instance;
  // Workers that are born later follow it, and nothing leaves to declare a port any more.
  writeFileSync(join(record.runDirectory, "gate"), "open\n", { mode: 0o600 });
  const hasPort = (service.record.shim?.ports.length ?? 0) > 0;
  const statuses = await askAll(record.runDirectory, { do: "open" }).catch(async (error: unknown) => {
    throw await stuck(service, instance, error);
  });
  const isOpen = statuses.length > 0 && statuses.every((status) => status.gate === "open");
  if (instance.exit !== null || (hasPort && !isOpen)) throw await stuck(service, instance, undefined);
  setOpen(service, instance);
}

/** Stops an instance from accepting; it stays warm. One that cannot be told is on its way out. */
export async function parkGate(service: Service, instance: Instance): Promise<void> {
  const { record } = instance;
  record.wanted = false;
  if (record.state === "failed" || record.state === "starting") return;
  writeFileSync(join(record.runDirectory, "gate"), "parked\n", { mode: 0o600 });
  const statuses = await askAll(record.runDirectory, { do: "park" }).catch(() => null);
  // Without an answer it may still accept: nothing that could be opened again, but something to be drained.
  const canOpen = statuses?.every((status) => status.canOpen) ?? false;
  record.state = canOpen ? "parked" : "draining";
  tellInstance(service, instance, canOpen ? "parked" : "finishes what it has: its gate cannot open again");
}

function setOpen(service: Service, instance: Instance): void {
  const { record } = instance;
  const isNews = record.state !== "open";
  record.state = "open";
  record.wanted = true;
  if (isNews) tellInstance(service, instance, "takes traffic");
}

/** Most often it has just ended; its end may be noticed a moment later than its silence. */
async function stuck(service: Service, instance: Instance, cause: unknown): Promise<Problem> {
  if (isProblem(cause)) return cause;
  await Promise.race([instance.ended, sleep(noticeMs)]);
  if (instance.exit !== null) return crashOf(service, instance, 1);
  const why = cause instanceof Error ? cause.message : "It ended, or does not hold the port any more.";
  const detail = {
    code: "GATE_STUCK",
    what: `Instance ${String(instance.record.slot)} of ${service.key} (release ${instance.record.release}) could not be opened.`,
    why,
    fix: "Stage the release again.",
  };
  return new Problem(detail, cause === undefined ? undefined : { cause });
}
