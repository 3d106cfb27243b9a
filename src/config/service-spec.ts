import { availableParallelism } from "node:os";
import type { HealthSpec, HealthTiming, ServiceSpec } from "../plan/spec.ts";
import type { RawHealth, RawService } from "./raw.ts";
import { parseDuration, parseSize } from "./units.ts";

export interface ServiceSpecInput {
  readonly app: string;
  readonly name: string;
  readonly service: RawService;
  /** The service's own env, values as written. */
  readonly env: Readonly<Record<string, string>>;
  readonly envFile: string | undefined;
}

/** `cwd` is the service's dir inside a release: whoever stages the release puts the release directory before it. */
export function toServiceSpec({ app, name, service, env, envFile }: ServiceSpecInput): ServiceSpec {
  return {
    app,
    name,
    engine: service.engine,
    run: service.run ?? "",
    cwd: service.dir,
    port: service.port,
    host: service.host,
    instances: service.instances === "max" ? availableParallelism() : service.instances,
    handover: service.handover,
    health: toHealthSpec(service.health),
    bootMs: milliseconds(service.boot),
    drainMs: milliseconds(service.drain),
    stop: { signal: service.stop.signal, timeoutMs: milliseconds(service.stop.timeout) },
    restart: {
      auto: service.restart.auto,
      maxInRow: service.restart["max-in-row"],
      firstDelayMs: milliseconds(service.restart["first-delay"]),
      maxDelayMs: milliseconds(service.restart["max-delay"]),
    },
    memoryBytes: service.memory === undefined ? undefined : parseSize(service.memory),
    env,
    envFile,
    after: service.after,
    fatal: service.fatal,
    reload: service.reload,
    cron: service.cron,
    logs: { maxBytes: parseSize(service.logs.size) ?? 0, keep: service.logs.keep },
  };
}

/** A worker has no health unless it says so. */
function toHealthSpec(health: RawHealth | undefined): HealthSpec {
  if (health === undefined) {
    return { kind: "none", intervalMs: 500, healthyAfter: 1, timeoutMs: 2000, minUptimeMs: 2000 };
  }
  const timing: HealthTiming = {
    intervalMs: milliseconds(health.interval),
    healthyAfter: health["healthy-after"],
    timeoutMs: milliseconds(health.timeout),
    minUptimeMs: milliseconds(health["min-uptime"]),
  };
  if (health.path !== undefined) {
    const { path, expect, body, warm } = health;
    return { ...timing, kind: "http", path, expect, body, warm };
  }
  if (health.command !== undefined) {
    return { ...timing, kind: "command", command: health.command };
  }
  const kind = (["tcp", "message", "notify"] as const).find((one) => health[one] === true) ?? "none";
  return { ...timing, kind };
}

export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}
