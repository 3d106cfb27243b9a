import type { InstanceStatus, ServiceStatus } from "../../../src/process/protocol.ts";
import type { ServiceSpec } from "../../../src/plan/spec.ts";

export function specOf(more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    app: "api",
    name: "api",
    engine: "builtin",
    run: ["node", "app.js"],
    cwd: "/srv/api",
    port: 3000,
    instances: 1,
    handover: "auto",
    health: { kind: "tcp", intervalMs: 250, healthyAfter: 2, timeoutMs: 2000, minUptimeMs: 2000 },
    bootMs: 60_000,
    drainMs: 30_000,
    stop: { signal: "SIGINT", timeoutMs: 5000 },
    restart: { auto: true, maxInRow: 16, firstDelayMs: 100, maxDelayMs: 15_000 },
    env: { PATH: "/bin" },
    after: [],
    fatal: [],
    logs: { maxBytes: 1024, keep: 1 },
    ...more,
  };
}

export function statusOf(
  id: number,
  app: string,
  name: string = app,
  more: Partial<ServiceStatus> = {},
): ServiceStatus {
  return {
    app,
    name,
    id,
    state: "running",
    live: "g1",
    port: 3000,
    instances: [instanceOf(0)],
    restarts: 0,
    spec: specOf({ app, name }),
    ...more,
  };
}

export function instanceOf(slot: number, more: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    id: `i${String(slot)}`,
    release: "g1",
    state: "open",
    pid: 100 + slot,
    cwd: "/srv/api",
    restarts: 0,
    slot,
    startedAt: 0,
    memoryBytes: 44 * 1024 ** 2,
    cpu: 0.5,
    inFlight: 0,
    logFile: `/logs/api-${String(slot)}.log`,
    ...more,
  };
}
