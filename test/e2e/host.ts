import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DrainResult, Ping, ReplaceResult, ServiceStatus } from "../../src/process/protocol.ts";
import type { ServiceSpec } from "../../src/plan/spec.ts";
import { homePaths } from "../../src/process/home.ts";

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
  /** Asks the supervisor; throws its ProblemDetail as an Error. */
  ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  start(spec: ServiceSpec): Promise<ReplaceResult>;
  reload(key: string, spec?: ServiceSpec): Promise<ReplaceResult>;
  service(key: string): Promise<ServiceStatus>;
  stop(key: string): Promise<DrainResult>;
  ping(): Promise<Ping>;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export async function openHost(): Promise<Host> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-e2e-"));
  const home = join(directory, "home");
  mkdirSync(home, { mode: 0o700 });
  const environment = { ...process.env, CUTOVER_HOME: home };
  const cutover: Host["cutover"] = (words, options = {}) =>
    runProgram(process.execPath, [cutoverMain, ...words], {
      cwd: options.cwd ?? directory,
      env: { ...environment, ...options.env },
    });
  const socketPath = homePaths(environment).supervisorSocket;
  const ask = <Answer>(method: string, path: string, body?: unknown): Promise<Answer> =>
    askSocket({ socketPath, method, path, body });
  const started = await cutover(["ping"]);
  if (started.exit !== 0) throw new Error(`the supervisor did not start: ${started.stdout}${started.stderr}`);
  return {
    directory,
    home,
    cutover,
    ask,
    start: (spec) => ask("POST", `/v1/services/${spec.app}/${spec.name}/start`, { spec }),
    reload: (key, spec) => ask("POST", `/v1/services/${key}/reload`, spec === undefined ? {} : { spec }),
    service: (key) => ask("GET", `/v1/services/${key}`),
    stop: (key) => ask("POST", `/v1/services/${key}/stop`, {}),
    ping: () => ask("GET", "/v1/ping"),
    async close() {
      await ask("POST", "/v1/shutdown", { instances: "stop" }).catch(() => undefined);
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

function askSocket<Answer>(to: {
  readonly socketPath: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}): Promise<Answer> {
  const text = to.body === undefined ? "" : JSON.stringify(to.body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const { socketPath, method, path } = to;
    const asked = request({ socketPath, method, path, headers }, (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (piece: string) => (answer += piece));
      response.once("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(answer === "" ? "null" : answer));
        else reject(new Error(`${method} ${path}: ${response.statusCode ?? ""} ${answer}`));
      });
    });
    asked.once("error", reject);
    asked.end(text);
  });
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
