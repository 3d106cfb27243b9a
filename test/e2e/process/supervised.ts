import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HealthSpec, HealthTiming, ServiceSpec } from "../../../src/plan/spec.ts";
import type { ProblemDetail } from "../../../src/problem.ts";
import { homePaths, type HomePaths } from "../../../src/process/home.ts";
import type * as client from "../../../src/process/client.ts";

const apps: string = join(import.meta.dirname, "../../fixtures/apps");
export const httpApp: readonly string[] = [process.execPath, join(apps, "http.cjs")];

/** The compiled client: it starts the compiled daemon, as users do. */
async function connect(home: HomePaths): Promise<client.SupervisorClient> {
  const path = new URL("../../../dist/process/client.js", import.meta.url).href;
  const { connectSupervisor }: typeof client = await import(path);
  return talkative(await connectSupervisor(home, { start: true }));
}

/** A call that fails against expectation says all it knows. */
function talkative(client: client.SupervisorClient): client.SupervisorClient {
  return new Proxy(client, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      return (...words: unknown[]): unknown => {
        const result: unknown = method.apply(target, words);
        if (!(result instanceof Promise)) return result;
        return result.catch((error: unknown) => {
          const { detail }: { detail?: ProblemDetail } = Object(error);
          if (error instanceof Error && detail !== undefined) error.message = JSON.stringify(detail, null, 1);
          throw error;
        });
      };
    },
  });
}

/** A home of its own, and a supervisor that is gone with everything it started after `end`. */
export interface Supervised {
  readonly home: HomePaths;
  readonly directory: string;
  client: client.SupervisorClient;
  /** Connects again, starting a supervisor when there is none. */
  reconnect(): Promise<void>;
  /** SIGKILL, and nothing else. */
  killSupervisor(): Promise<void>;
  /** A directory with a settings.json for the fixture applications. */
  release(name: string, settings: Readonly<Record<string, unknown>>): string;
  log(app: string, service: string, slot?: number): string;
  end(): Promise<void>;
}

export async function supervised(): Promise<Supervised> {
  const directory = mkdtempSync("/tmp/cos-");
  const home = homePaths({ CUTOVER_HOME: join(directory, "home") });
  const it: Supervised = {
    home,
    directory,
    client: await connect(home),
    async reconnect() {
      it.client = await connect(home);
    },
    async killSupervisor() {
      const { pid } = await it.client.ping();
      process.kill(pid, "SIGKILL");
      await gone(pid);
    },
    release(name, settings) {
      const path = join(directory, name);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "settings.json"), JSON.stringify({ VERSION: name, ...settings }));
      return path;
    },
    log: (app, service, slot = 0) => readFileSync(join(home.logs, app, `${service}-${slot}.log`), "utf8"),
    async end() {
      await it.reconnect();
      const { pid } = await it.client.ping();
      await it.client.shutdown("stop");
      await gone(pid);
      killLeftovers(directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return it;
}

export function spec(service: Partial<ServiceSpec> & Pick<ServiceSpec, "cwd">): ServiceSpec {
  return {
    app: "shop",
    name: "web",
    engine: "builtin",
    run: httpApp,
    instances: 1,
    handover: "auto",
    health: httpHealth(),
    bootMs: 15_000,
    drainMs: 10_000,
    stop: { signal: "SIGTERM", timeoutMs: 5000 },
    restart: { auto: true, maxInRow: 4, firstDelayMs: 50, maxDelayMs: 500 },
    env: { PATH: process.env["PATH"] ?? "", HOME: "/tmp" },
    after: [],
    fatal: ["^fatal:"],
    logs: { maxBytes: 10_000_000, keep: 3 },
    ...service,
  };
}

export const timing: HealthTiming = { intervalMs: 50, healthyAfter: 2, timeoutMs: 1000, minUptimeMs: 200 };

type HttpHealth = Extract<HealthSpec, { kind: "http" }>;

export function httpHealth(more: Partial<HttpHealth> = {}): HealthSpec {
  return { kind: "http", path: "/health", expect: 200, warm: [], ...timing, ...more };
}

/** The problem that a call ends with; fails when it succeeds. */
export async function problemOf(call: Promise<unknown>): Promise<ProblemDetail> {
  try {
    await call;
  } catch (error) {
    // The compiled client has a class of its own.
    const { detail }: { detail?: ProblemDetail } = Object(error);
    if (detail !== undefined) return detail;
    throw error;
  }
  throw new Error("the call succeeded");
}

export async function answerOf(
  port: number,
  path = "/",
): Promise<{ version: string; pid: number; instance: string }> {
  const options = { headers: { connection: "close" }, signal: AbortSignal.timeout(5000) };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, options);
  const answer: { version: string; pid: number; instance: string } = JSON.parse(await response.text());
  return answer;
}

export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

export async function gone(pid: number, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} lives on`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Processes that were started below a directory: its shims, its instances. */
export function processesOf(directory: string): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || !isRunning(pid)) return [];
    try {
      const text =
        readFileSync(`/proc/${pid}/cmdline`, "latin1") + readFileSync(`/proc/${pid}/environ`, "latin1");
      return text.includes(`${directory}/`) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

export function killLeftovers(directory: string): void {
  for (const pid of processesOf(directory)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone meanwhile.
    }
  }
}
