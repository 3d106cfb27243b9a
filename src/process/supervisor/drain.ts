import type { Instance, Retired, Service } from "./life.ts";
import { retire } from "./retire.ts";
import { cancelRevival } from "./revive.ts";
import type { SwitchRequest } from "../protocol.ts";
import { ofRelease } from "./stage.ts";

export interface Drained {
  readonly stopped: number;
  readonly forced: number;
  readonly forcedRequests: number | null;
}

export const nothingDrained: Drained = { stopped: 0, forced: 0, forcedRequests: 0 };

/** Finishes and stops the instances of other releases but for `keep`, and what the release itself has too many. */
export async function drain(service: Service, request: SwitchRequest): Promise<Drained> {
  const { release, keep } = request;
  const own = ofRelease(service, release);
  const wanted = service.record.counts[release] ?? own.length;
  const surplus = own.toSorted(acceptingFirst).slice(wanted);
  const others = service.instances.filter((one) => one.record.release !== release);
  const drained = await retireAll(service, [...surplus, ...others.toSorted(acceptingFirst).slice(keep)]);
  pruneReleases(service);
  await service.world.save();
  return drained;
}

export async function retireAll(service: Service, instances: readonly Instance[]): Promise<Drained> {
  for (const instance of instances) cancelRevival(service, instance);
  return sum(await Promise.all(instances.map((instance) => retire(service, instance))));
}

/** Forgets the specs (and with them env values) of releases that have neither instances nor traffic. */
function pruneReleases(service: Service): void {
  const { record } = service;
  const used = new Set(service.instances.map((one) => one.record.release));
  for (const release of Object.keys(record.specs)) {
    if (used.has(release) || release === record.live) continue;
    delete record.specs[release];
    delete record.counts[release];
    delete record.directories[release];
  }
}

export function add(one: Drained, other: Drained): Drained {
  return {
    stopped: one.stopped + other.stopped,
    forced: one.forced + other.forced,
    forcedRequests: (one.forcedRequests ?? 0) + (other.forcedRequests ?? 0),
  };
}

function sum(retired: readonly Retired[]): Drained {
  return {
    stopped: retired.length,
    forced: retired.filter((one) => one.isForced).length,
    forcedRequests: retired.reduce((total, one) => total + one.requests, 0),
  };
}

function bySlot(one: Instance, other: Instance): number {
  return one.record.slot - other.record.slot;
}

function acceptingFirst(one: Instance, other: Instance): number {
  const rank = (instance: Instance): number => (instance.record.wanted ? 0 : 1);
  return rank(one) - rank(other) || bySlot(one, other);
}
