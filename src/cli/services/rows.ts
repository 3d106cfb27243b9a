import type { InstanceStatus } from "../../process/protocol.ts";
import { shortDuration } from "../present/duration.ts";
import { labelOf } from "./label.ts";
import type { ListedService } from "./words.ts";
import { bytesText, cpuText, instancesText, openInstances, stateText } from "./words.ts";

export const listColumns = [
  "id",
  "name",
  "port",
  "ready",
  "state",
  "release",
  "restarts",
  "uptime",
  "cpu",
  "memory",
] as const;

/** One line of `cutover list`. */
export function listRow(service: ListedService, now: number): readonly string[] {
  const open = openInstances(service);
  const sum = (of: (instance: InstanceStatus) => number): number =>
    service.instances.reduce((total, instance) => total + of(instance), 0);
  return [
    String(service.id),
    labelOf(service),
    service.port === null ? "-" : String(service.port),
    instancesText(service),
    stateText(service),
    service.live ?? "-",
    String(service.restarts),
    open.length === 0 ? "-" : shortDuration(now - Math.max(...open.map(({ startedAt }) => startedAt))),
    cpuText(sum(({ cpu }) => cpu)),
    bytesText(sum(({ memoryBytes }) => memoryBytes)),
  ];
}

export const instanceColumns = [
  "instance",
  "state",
  "pid",
  "directory",
  "uptime",
  "in flight",
  "restarts",
  "cpu",
  "memory",
] as const;

/** One line of `cutover describe`. */
export function instanceRow(instance: InstanceStatus, now: number): readonly string[] {
  return [
    `${String(instance.slot)} (${instance.release})`,
    instance.state,
    instance.pid === undefined ? "-" : String(instance.pid),
    instance.cwd ?? "-",
    shortDuration(now - instance.startedAt),
    instance.inFlight === null ? "-" : String(instance.inFlight),
    String(instance.restarts),
    cpuText(instance.cpu),
    bytesText(instance.memoryBytes),
  ];
}
