import type { ProcessEffect } from "./effect.ts";
import type { HostView, InstanceView, ServiceView } from "./fleet.ts";
import type { ServiceSpec, Surge } from "./spec.ts";

/** One service on one host on its way to `release`: what is wanted and what is there. */
export interface ServiceWork {
  readonly host: string;
  readonly service: string;
  /** Release that shall be the only one in the end. */
  readonly release: string;
  readonly wanted: number;
  readonly surge: number;
  readonly live: string | null;
  /** Instances of `release` by what can be done with them; those that the supervisor brings back by itself are apart. */
  readonly starting: number;
  /** Checked but not accepting: ready or parked. */
  readonly closed: number;
  readonly open: number;
  readonly reviving: number;
  /** Instances of other releases: accepting, and all of them (failed and draining ones too). */
  readonly othersOpen: number;
  readonly othersRunning: number;
  readonly others: number;
  readonly total: number;
}

export function serviceView(host: HostView, name: string): ServiceView {
  return host.services.find((service) => service.name === name) ?? { name, instances: [], live: null };
}

export function serviceWork(
  host: HostView,
  service: ServiceSpec,
  release: string,
  surge: Surge,
): ServiceWork {
  const view = serviceView(host, service.name);
  const own = view.instances.filter((instance) => instance.release === release);
  const mine = own.filter((instance) => !isReviving(view, instance));
  const others = view.instances.filter((instance) => instance.release !== release);
  return {
    host: host.host,
    service: service.name,
    release,
    wanted: service.instances,
    surge: surge === "all" ? service.instances : Math.max(1, surge),
    live: view.live,
    starting: count(mine, "starting"),
    closed: count(mine, "ready", "parked"),
    open: count(mine, "open"),
    reviving: own.length - mine.length,
    othersOpen: count(others, "open"),
    othersRunning: count(others, "starting", "ready", "open", "parked"),
    others: others.length,
    total: own.length,
  };
}

function count(instances: readonly InstanceView[], ...states: readonly InstanceView["state"][]): number {
  return instances.filter((instance) => states.includes(instance.state)).length;
}

export function usable(work: ServiceWork): number {
  return work.starting + work.closed + work.open + work.reviving;
}

/** It took traffic, ended, and is (or waits to be) started again: nothing to stage or to check. */
function isReviving(view: ServiceView, { release, restarts, state }: InstanceView): boolean {
  return release === view.live && restarts > 0 && (state === "starting" || state === "failed");
}

export function stageEffect(work: ServiceWork, count: number): ProcessEffect {
  return { ...place(work), verb: "stage", count };
}

export function checkEffect(work: ServiceWork): ProcessEffect {
  return { ...place(work), verb: "check" };
}

export function switchEffect(work: ServiceWork, keep: number): ProcessEffect {
  return { ...place(work), verb: "switch", keep };
}

export function drainEffect(work: ServiceWork, keep: number): ProcessEffect {
  return { ...place(work), verb: "drain", keep };
}

function place(work: ServiceWork): Pick<ProcessEffect, "layer" | "host" | "release" | "service"> {
  return { layer: "process", host: work.host, release: work.release, service: work.service };
}
