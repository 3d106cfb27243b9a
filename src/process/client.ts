import { type ChildProcess, spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceSpec } from "../plan/spec.ts";
import { exits, Problem, type ProblemDetail } from "../problem.ts";
import { ensureHome, type HomePaths } from "./home.ts";
import type {
  DrainResult,
  Ping,
  ReloadRequest,
  ReplaceResult,
  ServiceStatus,
  StageRequest,
  SupervisorEvent,
  SwitchRequest,
} from "./protocol.ts";

/** The supervisor's verbs, typed; each throws the Problem that it answers. `key` is "<app>/<name>". */
export interface SupervisorClient {
  ping(): Promise<Ping>;
  services(options?: SecretOptions): Promise<readonly ServiceStatus[]>;
  service(key: string, options?: SecretOptions): Promise<ServiceStatus>;
  stage(key: string, request: StageRequest): Promise<ServiceStatus>;
  check(key: string, release: string): Promise<ServiceStatus>;
  switch(key: string, request: SwitchRequest): Promise<ServiceStatus>;
  drain(key: string, request: SwitchRequest): Promise<DrainResult>;
  start(key: string, spec?: ServiceSpec): Promise<ReplaceResult>;
  reload(key: string, request?: ReloadRequest): Promise<ReplaceResult>;
  stop(key: string): Promise<DrainResult>;
  remove(key: string): Promise<DrainResult>;
  shutdown(instances: "keep" | "stop"): Promise<void>;
  /** Until the signal aborts or the supervisor leaves. */
  events(signal: AbortSignal): AsyncIterable<SupervisorEvent>;
}

export interface SecretOptions {
  readonly secrets?: boolean;
}

/** A daemon that waits most of its life needs no large young generation: 8 MB less resident. */
const flags = ["--max-semi-space-size=1", "--expose-gc"];
const startDeadlineMs = 15_000;
const mostStarts = 5;
/** What the supervisor needs of the caller's environment; instances get none of it. */
const passedOn = ["HOME", "PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME"];

/** Connects to the supervisor of a home. Problem SUPERVISOR_DOWN when none runs and `start` is false, or none comes up. */
export async function connectSupervisor(
  home: HomePaths,
  options: { readonly start: boolean },
): Promise<SupervisorClient> {
  if (await answers(home)) return clientOf(home);
  if (!options.start)
    throw down(home, "No supervisor runs.", "Any `cutover start` or `cutover deploy` starts it.");
  await ensureHome(home);
  const main = await (await import("./package/current.ts")).supervisorMain(home);
  const deadline = performance.now() + startDeadlineMs;
  let daemon = startDaemon(home, main);
  let starts = 1;
  while (performance.now() < deadline) {
    await sleep(20);
    if (await answers(home)) return clientOf(home);
    if (daemon.exitCode === null && daemon.signalCode === null) continue;
    // It found another one that was just leaving, or it cannot run here.
    if (starts === mostStarts) break;
    starts += 1;
    daemon = startDaemon(home, main);
  }
  throw down(home, "It was started and did not answer.", `Read the end of ${home.supervisorLog}.`);
}

function startDaemon(home: HomePaths, main: string): ChildProcess {
  const log = openSync(home.supervisorLog, "a", 0o600);
  const env: Record<string, string> = { CUTOVER_HOME: home.home };
  for (const name of passedOn) if (process.env[name] !== undefined) env[name] = process.env[name];
  const child = spawn(process.execPath, [...flags, main], {
    cwd: "/",
    env,
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.on("error", () => undefined);
  child.unref();
  closeSync(log);
  return child;
}

async function answers(home: HomePaths): Promise<boolean> {
  try {
    await call<Ping>(home, "GET", "/v1/ping");
    return true;
  } catch (error) {
    // Lost: it was just leaving.
    const isAbsent = error instanceof Problem && /^SUPERVISOR_(DOWN|LOST)$/.test(error.detail.code);
    if (isAbsent) return false;
    throw error;
  }
}

/** Whether a supervisor is there at all, its first answer tells. */
export function clientOf(home: HomePaths): SupervisorClient {
  const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>(home, "POST", path, body);
  const get = <T>(path: string): Promise<T> => call<T>(home, "GET", path);
  const on = (key: string, verb = ""): string => `/v1/services/${key}${verb === "" ? "" : `/${verb}`}`;
  const query = (options?: SecretOptions): string => (options?.secrets === true ? "?secrets=1" : "");
  return {
    ping: () => get("/v1/ping"),
    services: (options) => get(`/v1/services${query(options)}`),
    service: (key, options) => get(on(key) + query(options)),
    stage: (key, request) => post(on(key, "stage"), request),
    check: (key, release) => post(on(key, "check"), { release }),
    switch: (key, request) => post(on(key, "switch"), request),
    drain: (key, request) => post(on(key, "drain"), request),
    start: (key, spec) => post(on(key, "start"), { spec }),
    reload: (key, request) => post(on(key, "reload"), request ?? {}),
    stop: (key) => post(on(key, "stop")),
    remove: (key) => call<DrainResult>(home, "DELETE", on(key)),
    shutdown: async (instances) => {
      await post("/v1/shutdown", { instances });
    },
    events: (signal) => readEvents(home, signal),
  };
}

function call<T>(home: HomePaths, method: string, path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: home.supervisorSocket, method, path, agent: false };
    const request = http.request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", (error) => reject(lost(home, error)));
      response.on("end", () => {
        if (response.statusCode === 200) return resolve(JSON.parse(text));
        const detail: ProblemDetail = JSON.parse(text);
        reject(new Problem(detail));
      });
    });
    request.on("error", (error) => reject(lost(home, error)));
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function* readEvents(home: HomePaths, signal: AbortSignal): AsyncGenerator<SupervisorEvent> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const options = { socketPath: home.supervisorSocket, path: "/v1/events", agent: false, signal };
    http.get(options, resolve).on("error", (error) => reject(lost(home, error)));
  });
  response.on("error", () => undefined);
  for await (const line of createInterface({ input: response })) {
    const event: SupervisorEvent = JSON.parse(line);
    yield event;
  }
}

function lost(home: HomePaths, error: Error): Problem {
  const isDown = "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED");
  if (isDown)
    return down(
      home,
      "It has just ended.",
      "Run the command again: it starts the supervisor when it needs one.",
    );
  const detail = {
    code: "SUPERVISOR_LOST",
    what: "The connection to the supervisor was lost.",
    why: error.message,
    fix: `Try again; the reason may stand at the end of ${home.supervisorLog}.`,
    state: "The running instances are not affected.",
    exit: exits.needsAttention,
  };
  return new Problem(detail, { cause: error });
}

function down(home: HomePaths, why: string, fix: string): Problem {
  const what = `The supervisor of ${home.home} does not answer.`;
  return new Problem({ code: "SUPERVISOR_DOWN", what, why, fix, exit: exits.refused });
}
