import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isProblem, type Problem } from "../../problem.ts";
import { tellInstance } from "./follow.ts";
import { launch, type Seat } from "./launch.ts";
import type { Instance, Service } from "./life.ts";
import { ensurePorts } from "./ports.ts";
import { awaitReady } from "./readiness.ts";
import { forget, halt } from "./retire.ts";

/** Launches an instance and checks it; `checked` of the answer tells how that went. */
export async function bringUp(service: Service, seat: Seat): Promise<Instance> {
  const instance = await launch(service, seat);
  instance.checked = settle(service, instance, seat);
  return instance;
}

/** An instance found again half-way: its check begins anew. */
export function resumeCheck(service: Service, instance: Instance): void {
  const { release, slot, restarts, wanted } = instance.record;
  instance.checked = settle(service, instance, { release, slot, restarts, wanted });
}

/** Port that an ended instance asked for and did not have; its exit code may have been lost in a launcher. */
export function portWantedBy(instance: Instance): number | null {
  if (instance.exit === null) return null;
  try {
    const wants: { port: number } = JSON.parse(
      readFileSync(join(instance.record.runDirectory, "wants"), "utf8"),
    );
    const isNews = !instance.record.ports.includes(wants.port);
    return isNews && Number.isInteger(wants.port) && wants.port > 0 && wants.port < 65_536
      ? wants.port
      : null;
  } catch {
    return null;
  }
}

const turns = new WeakMap<Service, Promise<void>>();

/**
 * Holds the port that an ended instance asked for, and remembers it; instances that start together ask for the same one at
 * once, so each call waits for its turn. Problem PORT_TAKEN.
 */
export function learnPort(service: Service, instance: Instance, port: number): Promise<void> {
  const turn = (turns.get(service) ?? Promise.resolve()).then(() => holdPort(service, instance, port));
  turns.set(
    service,
    turn.catch(() => undefined),
  );
  return turn;
}

async function holdPort(service: Service, instance: Instance, port: number): Promise<void> {
  const { record } = service;
  const spec = record.specs[instance.record.release];
  if (spec === undefined) throw new Error(`no spec for ${instance.record.release}`);
  const before = record.learnedPorts;
  if (!before.includes(port)) record.learnedPorts = [...before, port];
  try {
    await ensurePorts(service, spec);
  } catch (error) {
    record.learnedPorts = before;
    throw error;
  }
}

async function settle(service: Service, instance: Instance, seat: Seat): Promise<Problem | null> {
  const problem = await awaitReady(service, instance);
  if (problem === null || instance.isStopping) return problem;
  const port = portWantedBy(instance);
  if (port === null) {
    await fail(service, instance, problem);
    return problem;
  }
  try {
    await learnPort(service, instance, port);
    forget(service, instance);
    return await (
      await bringUp(service, seat)
    ).checked;
  } catch (error) {
    if (!isProblem(error)) throw error;
    await fail(service, instance, error);
    return error;
  }
}

/** It failed its check but may still run: it must not go on working beside the others. */
async function fail(service: Service, instance: Instance, problem: Problem): Promise<void> {
  const { wanted } = instance.record;
  // An operator may see it dead before anybody has asked for the outcome of its check.
  service.record.lastEnd = problem.detail;
  if (instance.exit === null) await halt(service, instance);
  instance.record.state = "failed";
  instance.record.wanted = wanted;
  tellInstance(service, instance, "failed its check");
  await service.world.save();
}
