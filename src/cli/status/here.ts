import type { ServiceStatus } from "../../process/protocol.ts";
import type { HostStatus } from "../deployment/fleet-status.ts";
import { shortDuration } from "../present/duration.ts";
import { fitTable } from "../present/table.ts";

/** This machine: a line for each instance. */
export function hereTable({ services }: HostStatus, columns: number): string {
  return fitTable(instanceColumns, (services ?? []).flatMap(rowsOf), columns);
}

const instanceColumns = ["service", "instance", "release", "state", "up", "restarts", "pid", "directory"];

function rowsOf(service: ServiceStatus): readonly (readonly string[])[] {
  if (service.instances.length === 0)
    return [[service.name, "-", service.live ?? "-", service.state, "-", "-", "-", "-"]];
  return service.instances.map((instance) => [
    service.name,
    String(instance.slot),
    instance.release,
    instance.state,
    shortDuration(Date.now() - instance.startedAt),
    String(instance.restarts),
    String(instance.pid ?? "-"),
    instance.cwd ?? "-",
  ]);
}
