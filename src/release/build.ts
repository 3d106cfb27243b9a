import { lstat, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Emit } from "../plan/event.ts";
import type { BuildSpec } from "../plan/spec.ts";
import { Problem, exits } from "../problem.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import { describeEnd } from "./hooks.ts";
import { type InstallStep, installScripts, readInstallStep, splitSteps } from "./install.ts";
import { isObject, parseObject } from "./json.ts";
import type { Place } from "./place.ts";
import { keepInStore, makeSpare, takeStored } from "./store.ts";
import { storeKey } from "./store-key.ts";

export interface BuildInput {
  readonly directory: string;
  readonly build: BuildSpec;
  readonly host: string;
  /** Complete environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

interface Cached {
  readonly dir: string;
  readonly lockfile: string;
  readonly key: string;
  readonly isHit: boolean;
}

/** Runs the build in the release directory and returns the store keys it used. Problem: BUILD_FAILED. */
export async function buildRelease(place: Place, input: BuildInput): Promise<readonly string[]> {
  const steps = splitSteps(input.build.run);
  const deadline = performance.now() + input.build.timeoutMs;
  const cached = await openCached(place, input, steps);
  const spares = cached.filter(({ isHit }) => isHit).map(({ key }) => makeSpare(place, key));
  const keep = async (entry: Cached): Promise<void> => {
    if (await keepBuilt(place, entry, input)) spares.push(makeSpare(place, entry.key));
  };
  try {
    for (const step of steps) {
      for (const line of await linesOf(step, cached, input)) await runStep(line, input, deadline);
      for (const entry of cached.filter(({ dir }) => fills(step, dir))) await keep(entry);
    }
    for (const entry of cached.filter(({ dir }) => !steps.some((step) => fills(step, dir))))
      await keep(entry);
  } finally {
    await Promise.all(spares);
  }
  return cached.map(({ key }) => key);
}

async function openCached(
  place: Place,
  input: BuildInput,
  steps: readonly string[],
): Promise<readonly Cached[]> {
  const cached: Cached[] = [];
  for (const [dir, lockfile] of Object.entries(input.build.cache)) {
    const target = join(input.directory, dir);
    const key = await storeKey({ directory: input.directory, dir, lockfile, env: input.env, steps });
    if (key === null || (await lstat(target).catch(() => null)) !== null) continue;
    const began = performance.now();
    const isHit = await takeStored(place, key, target);
    cached.push({ dir, lockfile, key, isHit });
    if (!isHit) continue;
    const ms = Math.ceil(performance.now() - began);
    tell(input, `${dir}: unchanged ${lockfile}, put in place from the store in ${ms} ms`);
  }
  return cached;
}

/** Kept right after the step that filled it, before later steps change it; else, when no step is known to, at the end. */
async function keepBuilt(place: Place, entry: Cached, input: BuildInput): Promise<boolean> {
  const from = join(input.directory, entry.dir);
  if (entry.isHit || (await lstat(from).catch(() => null))?.isDirectory() !== true) return false;
  return keepInStore(place, entry.key, from);
}

function fills(step: string, dir: string): boolean {
  const install = readInstallStep(step);
  return install !== null && posix.dirname(dir) === posix.normalize(install.dir);
}

/** The command lines a step comes down to: an install whose directory came from the store leaves the project's own scripts. */
async function linesOf(
  step: string,
  cached: readonly Cached[],
  input: BuildInput,
): Promise<readonly string[]> {
  const install = readInstallStep(step);
  if (install === null) return [step];
  const hit = cached.find((entry) => entry.isHit && fills(step, entry.dir));
  if (hit === undefined) return [step];
  tell(input, `skipped: ${step} (${hit.dir} came from the store)`);
  return scriptLines(input.directory, install);
}

async function scriptLines(directory: string, install: InstallStep): Promise<readonly string[]> {
  if (!install.runsScripts) return [];
  const text = await readFile(join(directory, install.dir, "package.json"), "utf8").catch(() => "{}");
  const scripts = parseObject(text)?.["scripts"];
  const names = installScripts.filter((name) => isObject(scripts) && typeof scripts[name] === "string");
  const enter = install.dir === "." ? "" : `cd ${install.dir} && `;
  return names.map((name) => `${enter}npm run --ignore-scripts ${name}`);
}

async function runStep(line: string, input: BuildInput, deadline: number): Promise<void> {
  tell(input, `$ ${line}`);
  const end = await runCommand({
    line,
    cwd: input.directory,
    env: readInstallStep(line) === null ? input.env : withoutNodeEnv(input.env),
    timeoutMs: Math.max(1, Math.ceil(deadline - performance.now())),
    signal: input.signal,
    onLine: (text) => tell(input, text),
  });
  if (end.why !== "exit" || end.code !== 0) throw buildFailed(line, input, end);
}

/** With NODE_ENV=production npm leaves out the very tools that the next step builds with; --omit=dev says it openly. */
function withoutNodeEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { NODE_ENV: _, ...rest } = env;
  return rest;
}

function tell(input: BuildInput, line: string): void {
  input.emit({ event: "output", host: input.host, source: "build", line });
}

function buildFailed(line: string, input: BuildInput, end: CommandEnd): Problem {
  return new Problem({
    code: "BUILD_FAILED",
    what: `The build step "${line}" ${describeEnd(end, input.build.timeoutMs)}.`,
    fix: `Correct it and deploy again; what it left is in ${input.directory}.`,
    evidence: end.lines,
    exit: exits.failedOldServes,
  });
}
