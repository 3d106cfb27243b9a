import type { HealthSpec, HealthTiming, ServiceSpec } from "../plan/spec.ts";
import { checkName, defaultName } from "./by-hand/name.ts";
import { portOf } from "./by-hand/port.ts";
import { programOf } from "./by-hand/program.ts";
import { invalidValue } from "./by-hand/values.ts";

/** A service as typed on the command line or written in an ecosystem file; everything unsaid gets its default here. */
export interface ByHand {
  readonly script: string;
  readonly args: readonly string[];
  /** Absolute, with its symbolic links kept. */
  readonly cwd: string;
  /** Complete. */
  readonly env: Readonly<Record<string, string>>;
  /** Names in `env` that were declared for the service; the others come from the calling shell. */
  readonly declared?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly interpreter?: string | undefined;
  readonly interpreterArgs?: readonly string[] | undefined;
  readonly instances?: number | undefined;
  readonly port?: number | undefined;
  /** A path, "tcp", "none", or "message" (process.send("ready")). */
  readonly health?: string | undefined;
  readonly bootMs?: number | undefined;
  readonly killMs?: number | undefined;
  readonly killSignal?: string | undefined;
  readonly memoryBytes?: number | undefined;
  readonly autorestart?: boolean | undefined;
  readonly maxRestarts?: number | undefined;
  readonly restartDelayMs?: number | undefined;
  readonly minUptimeMs?: number | undefined;
  readonly cron?: string | undefined;
  readonly watch?: readonly string[] | undefined;
}

const defaults = {
  bootMs: 60_000,
  drainMs: 30_000,
  killMs: 5_000,
  /** Longer than the start-up crashes that a first healthy answer hides. */
  minUptimeMs: 2_000,
  maxRestarts: 16,
  restartDelayMs: 100,
  maxRestartDelayMs: 15_000,
  logBytes: 50 * 1024 * 1024,
  logKeep: 5,
} as const;

const timing: HealthTiming = {
  intervalMs: 250,
  healthyAfter: 2,
  timeoutMs: 2_000,
  minUptimeMs: defaults.minUptimeMs,
};

/** The complete spec of a service started by hand; reads the disk to find the program and its port. */
export function serviceByHand(ask: ByHand): ServiceSpec {
  const { cwd, env } = ask;
  const program = programOf({ ...ask, path: env["PATH"] });
  const name = checkName(ask.name ?? defaultName(ask.script, cwd));
  return {
    app: name,
    name,
    engine: "builtin",
    run: program.run,
    cwd,
    port: portOf({ port: ask.port, env, cwd, run: program.run }),
    instances: ask.instances ?? 1,
    handover: "auto",
    health: healthOf(ask),
    bootMs: ask.bootMs ?? defaults.bootMs,
    drainMs: Math.max(defaults.drainMs, ask.killMs ?? 0),
    // PM2's users handle SIGINT, the rest of the world SIGTERM.
    stop: {
      signal: ask.killSignal ?? (program.isNode ? "SIGINT" : "SIGTERM"),
      timeoutMs: ask.killMs ?? defaults.killMs,
    },
    restart: {
      auto: ask.autorestart ?? true,
      maxInRow: ask.maxRestarts ?? defaults.maxRestarts,
      firstDelayMs: ask.restartDelayMs ?? defaults.restartDelayMs,
      maxDelayMs: Math.max(defaults.maxRestartDelayMs, ask.restartDelayMs ?? 0),
    },
    memoryBytes: ask.memoryBytes,
    env,
    declared: ask.declared,
    after: [],
    fatal: [],
    cron: ask.cron,
    watch: ask.watch,
    logs: { maxBytes: defaults.logBytes, keep: defaults.logKeep },
  };
}

function healthOf(ask: ByHand): HealthSpec {
  const base: HealthTiming = { ...timing, minUptimeMs: ask.minUptimeMs ?? timing.minUptimeMs };
  const { health } = ask;
  if (health === undefined) return { ...base, kind: "http", path: "/", expect: "any-below-500", warm: [] };
  if (health === "tcp" || health === "none" || health === "message") return { ...base, kind: health };
  if (health.startsWith("/")) return { ...base, kind: "http", path: health, expect: 200, warm: [] };
  throw invalidValue(
    `"${health}" is not a health check.`,
    "Use --health /path, --health tcp or --health none.",
  );
}
