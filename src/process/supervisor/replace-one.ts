import { isProblem } from "../../problem.ts";
import { bringUp } from "./bring-up.ts";
import { tellInstance } from "./follow.ts";
import { openGate } from "./gate.ts";
import type { Instance, Service } from "./life.ts";
import { whenIdle } from "./lock.ts";
import { forget, halt, retire } from "./retire.ts";
import { note } from "./world.ts";

const pauseAfterFailureMs = 60_000;
const failedAt = new WeakMap<Service, number>();

/** Starts another instance in the same seat, checks and opens it, then drains this one. A failure leaves this one serving. */
export async function replaceOne(service: Service, instance: Instance, why: string): Promise<void> {
  if (performance.now() - (failedAt.get(service) ?? -Infinity) < pauseAfterFailureMs) return;
  try {
    tellInstance(service, instance, `is replaced: ${why}`);
    await whenIdle(service, "replacement", () => swap(service, instance));
  } catch (error) {
    failedAt.set(service, performance.now());
    note(`${service.key}: an instance could not be replaced (${why}): ${String(error)}`);
    if (isProblem(error)) service.record.problem = error.detail;
  }
}

async function swap(service: Service, old: Instance): Promise<void> {
  const { release, slot, restarts } = old.record;
  const first = await bringUp(service, { release, slot, restarts: restarts + 1, wanted: false });
  const problem = await first.checked;
  const next = service.instances.findLast(
    (one) => one.record.release === release && one.record.slot === slot,
  );
  if (problem !== null || next === undefined || next === old) {
    if (next !== undefined && next !== old) {
      await halt(service, next);
      forget(service, next);
    }
    throw problem ?? new Error("the new instance is gone");
  }
  await openGate(service, next);
  service.record.restarts += 1;
  await retire(service, old);
}
