import { noRelease, type ProcessEffect } from "../effect.ts";
import {
  changeService,
  findService,
  type Rules,
  type SimulatedHost,
  type SimulatedInstance,
  type SimulatedService,
} from "./world.ts";

/** `refused` is the code of the refusal; there may be a change all the same. */
type Refusable<Key extends string, T> = { readonly [K in Key]: T } & { readonly refused: string | null };

/** The supervisor of one host, as far as a decision can see it. */
export function applyProcess(
  rules: Rules,
  host: SimulatedHost,
  effect: ProcessEffect,
): Refusable<"host", SimulatedHost> {
  const before = findService(host, effect.service);
  const { service, refused } = applyToService(rules, before, effect);
  if (effect.verb === "drain" && effect.release === noRelease)
    return {
      host: { ...host, services: host.services.filter((one) => one.name !== effect.service) },
      refused,
    };
  return { host: changeService(host, effect.service, () => service), refused };
}

function applyToService(
  rules: Rules,
  service: SimulatedService,
  effect: ProcessEffect,
): Refusable<"service", SimulatedService> {
  const { release } = effect;
  const spec = rules.specs.get(release)?.services.find((one) => one.name === effect.service);
  const wanted = spec?.instances ?? 0;
  if (spec !== undefined && spec.engine !== "builtin")
    return { service: { ...service, reloadedFor: release }, refused: null };
  switch (effect.verb) {
    case "stage":
      return { service: stage(service, release, effect.count), refused: null };
    case "check":
      return check(rules, service, release);
    case "switch":
      return switchOver(service, open(service, release, effect.keep), release, wanted);
    case "drain":
      return { service: drain(service, release, effect.keep, wanted), refused: null };
  }
}

function check(
  rules: Rules,
  service: SimulatedService,
  release: string,
): Refusable<"service", SimulatedService> {
  const settled = settle(rules, service, release, (one) => !isReviving(service, one));
  const isFailed = settled.instances.some(
    (one) => one.release === release && one.state === "failed" && !isReviving(service, one),
  );
  return { service: settled, refused: isFailed ? "HEALTH_FAILED" : null };
}

/** The guard at the target: what the decision saw may be gone by now. */
function switchOver(
  before: SimulatedService,
  after: SimulatedService,
  release: string,
  wanted: number,
): Refusable<"service", SimulatedService> {
  const isUnchecked = before.instances.some(
    (one) => one.release === release && one.state === "starting" && !isReviving(before, one),
  );
  if (isUnchecked) return { service: before, refused: "NOT_CHECKED" };
  const isCarried = after.instances.some((one) => isOpenOf(one, release));
  if (isCarried && accepting(after) >= Math.min(accepting(before), wanted))
    return { service: after, refused: null };
  return { service: before, refused: "SWITCH_REFUSED" };
}

function stage(service: SimulatedService, release: string, count: number): SimulatedService {
  const isDead = (one: SimulatedInstance): boolean => one.state === "failed" && !isReviving(service, one);
  const kept = service.instances.filter((one) => one.release !== release || !isDead(one));
  const instances = [...kept];
  for (let n = 0; instances.filter((one) => one.release === release).length < count; n += 1) {
    const id = `${release}-${n}`;
    if (!instances.some((one) => one.id === id))
      instances.push({ id, release, state: "starting", restarts: 0, checked: false });
  }
  return { ...service, instances };
}

/** Every starting instance of `release` is probed to an end; one that took traffic before opens by itself. */
export function settle(
  rules: Rules,
  service: SimulatedService,
  release: string,
  isMeant: (one: SimulatedInstance) => boolean = () => true,
): SimulatedService {
  const isBad = rules.faults.get(release)?.boot === true;
  const instances = service.instances.map((one): SimulatedInstance => {
    if (one.release !== release || one.state !== "starting" || !isMeant(one)) return one;
    if (isBad) return { ...one, state: "failed" };
    return { ...one, state: isReviving(service, one) ? "open" : "ready", checked: true };
  });
  return { ...service, instances };
}

function open(service: SimulatedService, release: string, keep: number): SimulatedService {
  let left = keep;
  const instances = service.instances.map((one): SimulatedInstance => {
    if (one.release === release) return one.checked && isClosed(one) ? { ...one, state: "open" } : one;
    if (one.state !== "open") return one;
    left -= 1;
    return left >= 0 ? one : { ...one, state: "parked" };
  });
  return { ...service, live: release, instances };
}

function drain(service: SimulatedService, release: string, keep: number, wanted: number): SimulatedService {
  const acceptingFirst = service.instances.toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
  const others = acceptingFirst.filter((one) => one.release !== release).slice(0, keep);
  const mine = acceptingFirst.filter((one) => one.release === release).slice(0, wanted);
  const kept = new Set([...others, ...mine]);
  return { ...service, instances: service.instances.filter((one) => kept.has(one)) };
}

/** An instance ends by itself. One of the live release is started again, as often as it takes; a parked one is gone; others have failed. */
export function killInstance(service: SimulatedService, id: string): SimulatedService {
  const instances = service.instances.flatMap((one): SimulatedInstance[] => {
    if (one.id !== id) return [one];
    if (isReviving(service, one) || (one.checked && one.release === service.live))
      return [{ ...one, state: "starting", restarts: one.restarts + 1, checked: false }];
    return one.state === "parked" ? [] : [{ ...one, state: "failed", checked: false }];
  });
  return { ...service, instances };
}

/** It took traffic and is started again by the supervisor itself. */
function isReviving(service: SimulatedService, one: SimulatedInstance): boolean {
  return one.restarts > 0 && one.release === service.live;
}

export function accepting(service: SimulatedService): number {
  return service.instances.filter(isOpen).length;
}

function isOpen(instance: SimulatedInstance): boolean {
  return instance.state === "open";
}

function isOpenOf(instance: SimulatedInstance, release: string): boolean {
  return instance.release === release && isOpen(instance);
}

function isClosed(instance: SimulatedInstance): boolean {
  return instance.state === "ready" || instance.state === "parked";
}
