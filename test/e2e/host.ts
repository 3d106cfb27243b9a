import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ping, ReplaceResult, ServiceStatus } from "../../src/process/protocol.ts";
import type { ServiceSpec } from "../../src/plan/spec.ts";
import { connectSupervisor, type SupervisorClient } from "../../dist/process/client.js";
import { homePaths } from "../../dist/process/home.js";
import { forgetHome, noteHome } from "./open-homes.ts";

export const cutoverMain = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A host of its own: a CUTOVER_HOME with its supervisor, in a directory that goes away with it. */
export interface Host {
  readonly directory: string;
  readonly home: string;
  /** Runs the compiled program there. */
  cutover(
    words: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Environment },
  ): Promise<Ran>;
  readonly supervisor: SupervisorClient;
  start(spec: ServiceSpec): Promise<ReplaceResult>;
  reload(key: string, spec?: ServiceSpec): Promise<ReplaceResult>;
  service(key: string): Promise<ServiceStatus>;
  ping(): Promise<Ping>;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export async function openHost(): Promise<Host> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-e2e-"));
  const home = join(directory, "home");
  const environment = { ...process.env, CUTOVER_HOME: home };
  noteHome(home);
  const supervisor = await connectSupervisor(homePaths(environment), { start: true });
  return {
    directory,
    home,
    cutover: (words, options = {}) =>
      runProgram(process.execPath, [cutoverMain, ...words], {
        cwd: options.cwd ?? directory,
        env: { ...environment, ...options.env },
      }),
    supervisor,
    start: (spec) => supervisor.start(`${spec.app}/${spec.name}`, spec),
    service: (key) => supervisor.service(key),
    ping: () => supervisor.ping(),
    reload: (key, spec) => supervisor.reload(key, { spec }),
    async close() {
      await supervisor.shutdown("stop").catch(() => undefined);
      forgetHome(home);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Environment },
): Promise<Ran> {
  const startedAt = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { exit: child.exitCode ?? 128, stdout, stderr, ms: performance.now() - startedAt };
}

/** A service with short times and everything else as a config would have it. */
export function serviceSpec(
  host: Host,
  service: Pick<ServiceSpec, "run" | "cwd" | "port"> & Partial<ServiceSpec>,
): ServiceSpec {
  return {
    app: "app",
    name: "web",
    engine: "builtin",
    instances: 1,
    handover: "auto",
    health: {
      kind: "http",
      path: "/health",
      expect: 200,
      warm: [],
      intervalMs: 50,
      healthyAfter: 2,
      timeoutMs: 2000,
      minUptimeMs: 0,
    },
    bootMs: 30_000,
    drainMs: 20_000,
    stop: { signal: "SIGTERM", timeoutMs: 5000 },
    restart: { auto: true, maxInRow: 5, firstDelayMs: 100, maxDelayMs: 5000 },
    after: [],
    fatal: [],
    logs: { maxBytes: 10 * 1024 * 1024, keep: 2 },
    ...service,
    env: { PATH: process.env["PATH"] ?? "", HOME: host.directory, ...service.env },
  };
}

/** A file that the fixtures read their version from at boot. */
export function versionFile(host: Host): { readonly path: string; write(version: string): void } {
  const path = join(host.directory, "version");
  return { path, write: (version) => writeFileSync(path, version) };
}
