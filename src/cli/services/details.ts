import type { HealthSpec, ServiceSpec } from "../../plan/spec.ts";
import type { InstanceStatus, ServiceStatus } from "../../process/protocol.ts";
import { shortDuration } from "../present/duration.ts";
import { bytesText, commandText, openInstances, stateText } from "./words.ts";

export type Detail = readonly [label: string, value: string];

/** What `cutover describe` tells before its table of instances; no value of the environment is among it. */
export function detailsOf(service: ServiceStatus, logFiles: readonly string[]): readonly Detail[] {
  const { spec } = service;
  const open = openInstances(service).length;
  const optional: readonly (Detail | undefined)[] = [
    spec.memoryBytes === undefined
      ? undefined
      : ["memory", `an instance is replaced above ${bytesText(spec.memoryBytes)}`],
    spec.cron === undefined ? undefined : ["reloads at", spec.cron],
    spec.watch === undefined ? undefined : ["watches", spec.watch.join(", ")],
  ];
  return [
    ["id", String(service.id)],
    ["state", `${stateText(service)}, ${String(open)} of ${String(spec.instances)} instances`],
    ["command", commandText(spec.run)],
    ["directory", spec.cwd],
    ["port", portText(service)],
    ["release", service.live ?? "none"],
    ["health", healthText(spec.health)],
    ["boot", `${shortDuration(spec.bootMs)} to become healthy`],
    ["stop", stopText(spec)],
    ["restarts", restartText(service)],
    ...optional.filter((detail) => detail !== undefined),
    ...lastExits(service.instances),
    ["env", Object.keys(spec.env).join(" ") || "none"],
    ...logFiles.map((file): Detail => ["log", file]),
  ];
}

function portText({ port, spec }: ServiceStatus): string {
  if (port === null) return "none";
  const more = spec.morePorts ?? [];
  return [port, ...more].join(", ") + (spec.port === undefined ? " (learnt from the program)" : "");
}

function healthText(health: HealthSpec): string {
  const often = `${String(health.healthyAfter)} in a row, every ${shortDuration(health.intervalMs)}`;
  switch (health.kind) {
    case "http": {
      const expected = health.expect === "any-below-500" ? "below 500" : String(health.expect);
      return `GET ${health.path} answers ${expected}, ${often}`;
    }
    case "tcp":
      return `the port answers, ${often}`;
    case "command":
      return `"${health.command}" succeeds, ${often}`;
    case "message":
      return 'the program says process.send("ready")';
    case "notify":
      return "the program notifies READY=1";
    case "none":
      return `not checked, lives ${shortDuration(health.minUptimeMs)}`;
  }
}

function stopText({ drainMs, stop }: ServiceSpec): string {
  return `finishes requests for up to ${shortDuration(drainMs)}, then ${stop.signal}, SIGKILL ${shortDuration(stop.timeoutMs)} later`;
}

function restartText({ restarts, spec }: ServiceStatus): string {
  const policy = spec.restart.auto
    ? `a crash loop after ${String(spec.restart.maxInRow)} in a row`
    : "never restarted";
  return `${String(restarts)}, ${policy}`;
}

function lastExits(instances: readonly InstanceStatus[]): readonly Detail[] {
  return instances.flatMap(({ id, exit }): Detail[] => {
    if (exit === undefined) return [];
    const how = exit.signal ?? `code ${String(exit.code)}`;
    return [["last exit", `${id}: ${how} at ${new Date(exit.at).toISOString()}`]];
  });
}
