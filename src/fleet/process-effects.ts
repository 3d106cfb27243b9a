import { join } from "node:path";
import { parseEnv } from "node:util";
import { noRelease, type ProcessEffect } from "../plan/effect.ts";
import type { ServiceSpec } from "../plan/spec.ts";
import { isProblem, Problem } from "../problem.ts";
import type { SupervisorClient } from "../process/client.ts";
import type { DrainResult } from "../process/protocol.ts";
import { runCommand } from "../release/command.ts";
import { releasePath } from "../release/place.ts";
import { commandEnv } from "../release/variables.ts";
import { baseEnvironment } from "./environment.ts";
import type { Host } from "./local.ts";
import type { Shelved } from "./shelf.ts";

export type Processes = Pick<
  SupervisorClient,
  "services" | "stage" | "check" | "switch" | "drain" | "remove"
>;

const reloadTimeoutMs = 60_000;

/** Layer 2: instances. Returns notes for whoever reads along. */
export async function applyProcess(
  host: Host,
  effect: ProcessEffect,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const key = `${host.app}/${effect.service}`;
  if (effect.release === noRelease) return await unlessUnknown(() => host.processes.remove(key));
  const service = await deployedService(host, effect);
  if (service.engine !== "builtin") return await tellServer(host, service, effect);
  switch (effect.verb) {
    case "stage": {
      const request = { release: effect.release, count: effect.count, spec: service };
      await host.processes.stage(key, request);
      return [];
    }
    case "check":
      await unlessAborted(host.processes.check(key, effect.release), effect, signal);
      return [];
    case "switch":
      await host.processes.switch(key, { release: effect.release, keep: effect.keep });
      return [];
    case "drain":
      return await unlessUnknown(() =>
        host.processes.drain(key, { release: effect.release, keep: effect.keep }),
      );
  }
}

/** A check changes nothing, so whoever wants to stop need not wait for the deadline of a slow boot. */
async function unlessAborted(
  check: Promise<unknown>,
  { service, release }: ProcessEffect,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal === undefined) return void (await check);
  const given = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(checkInterrupted(service, release));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { signal: given.signal });
  });
  check.catch(() => undefined);
  try {
    await Promise.race([check, aborted]);
  } finally {
    given.abort();
  }
}

function checkInterrupted(service: string, release: string): Problem {
  return new Problem({
    code: "CHECK_INTERRUPTED",
    what: `Checking ${service} of release ${release} was interrupted.`,
    fix: "Deploy again.",
  });
}

/** The service as that release was deployed, at home in the release's real directory. */
async function deployedService(host: Host, effect: ProcessEffect): Promise<ServiceSpec> {
  const { spec, env: content } = await settingsOf(host, effect.release);
  const service = spec.services.find((one) => one.name === effect.service);
  if (service === undefined)
    throw new Problem({
      code: "SERVICE_UNKNOWN",
      what: `Release ${effect.release} has no service called ${effect.service}.`,
      why: "The journal names a service that the settings of the release do not have.",
    });
  const directory = releasePath(host.place, effect.release);
  return {
    ...service,
    cwd: join(directory, service.cwd),
    env: { ...without(baseEnvironment(), parseEnv(content ?? "")), ...service.env },
    envFile: spec.release.envTo === undefined ? undefined : join(directory, spec.release.envTo),
  };
}

/** A release of another tool was never shelved; what it needs of us (a reload command) the deployment's own settings have. */
async function settingsOf(host: Host, release: string): Promise<Pick<Shelved, "spec" | "env">> {
  const { spec, previous } = host.goal();
  const hasProcesses = spec.services.some((service) => service.engine === "builtin");
  if (release !== previous || hasProcesses) return await host.shelf.load(release);
  return await host.shelf.load(release).catch(() => ({ spec }));
}

/** A service that the supervisor does not know has nothing to drain. */
async function unlessUnknown(drain: () => Promise<DrainResult>): Promise<readonly string[]> {
  try {
    return drainNotes(await drain());
  } catch (error) {
    if (isProblem(error) && error.detail.code === "SERVICE_UNKNOWN") return [];
    throw error;
  }
}

/** What the release's env file says goes before what the machine says. */
function without(base: Record<string, string>, env: object): Record<string, string> {
  return Object.fromEntries(Object.entries(base).filter(([name]) => !Object.hasOwn(env, name)));
}

function drainNotes(result: DrainResult): readonly string[] {
  if (result.forced === 0) return [];
  const requests = result.forcedRequests === null ? "" : `, ${result.forcedRequests} requests with them`;
  return [`${result.forced} of ${result.stopped} instances were stopped at their deadline${requests}`];
}

/** A server of somebody else (php-fpm, a web server with static files) sees the switched `current` by its reload command. */
async function tellServer(
  host: Host,
  service: ServiceSpec,
  effect: ProcessEffect,
): Promise<readonly string[]> {
  if (effect.verb !== "switch" || service.reload === undefined) return [];
  const source = `reload ${service.name}`;
  const end = await runCommand({
    line: service.reload,
    cwd: releasePath(host.place, effect.release),
    env: commandEnv(service.env),
    timeoutMs: reloadTimeoutMs,
    onLine: (line) => host.emit({ event: "output", host: host.name, source, line }),
  });
  if (end.why === "exit" && end.code === 0) return [];
  throw new Problem({
    code: "RELOAD_FAILED",
    what: `The reload command of ${service.name}, "${service.reload}", ${end.why === "deadline" ? "did not end within 60 s" : `failed with exit code ${end.code}`}.`,
    why: "The web server may still serve the release it had before.",
    fix: `Run it by hand to see why, or correct services.${service.name}.reload in cutover.yml.`,
    evidence: end.lines,
  });
}
