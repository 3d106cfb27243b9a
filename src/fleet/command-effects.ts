import { join } from "node:path";
import { parseEnv } from "node:util";
import type { DatabaseEffect, HookEffect } from "../plan/effect.ts";
import type { ServiceSpec } from "../plan/spec.ts";
import { Problem } from "../problem.ts";
import { runHook } from "../release/hooks.ts";
import { releasePath } from "../release/place.ts";
import { commandEnv, cutoverVariables, type ReleaseFacts } from "../release/variables.ts";
import type { Host } from "./local.ts";

/** The migration: once, before anything is switched, with the new release's env. */
export async function applyDatabase(
  host: Host,
  effect: DatabaseEffect,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { spec } = host.goal();
  if (spec.migrate === undefined) return [];
  const on = await serviceOf(host, effect.release, spec.migrate.on);
  await host.migrate(spec.migrate, {
    host: host.name,
    cwd: join(releasePath(host.place, effect.release), on?.cwd ?? "."),
    env: commandEnv({
      ...(await releaseVariables(host, effect.release)),
      ...on?.env,
      ...cutoverVariables(host.place, releaseFacts(host, effect.release)),
    }),
    emit: host.emit,
    signal,
  });
  return [];
}

/** With its values: the goal has them masked. */
async function serviceOf(
  host: Host,
  release: string,
  name: string | undefined,
): Promise<ServiceSpec | undefined> {
  if (name === undefined) return undefined;
  const { spec } = await host.shelf.load(release);
  return spec.services.find((service) => service.name === name);
}

export async function applyHook(
  host: Host,
  effect: HookEffect,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { hooks } = host.goal().spec;
  await runHook(host.place, {
    ...releaseFacts(host, effect.release),
    previous: effect.previous,
    point: effect.point,
    commands: hooks[effect.point],
    timeoutMs: hooks.timeoutMs,
    variables: await releaseVariables(host, effect.release),
    emit: host.emit,
    signal,
  });
  return [];
}

function releaseFacts(host: Host, release: string): ReleaseFacts {
  const goal = host.goal();
  return {
    app: goal.spec.app,
    id: release,
    previous: goal.previous,
    revision: goal.revision,
    stage: goal.spec.stage,
    host: host.name,
  };
}

/** The env file of a release as variables; empty when it has none. */
export async function releaseVariables(host: Host, release: string): Promise<Record<string, string>> {
  const { env } = await host.shelf.load(release).catch((error: unknown) => {
    if (error instanceof Problem) return { env: undefined };
    throw error;
  });
  const entries = Object.entries(parseEnv(env ?? ""));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
}
