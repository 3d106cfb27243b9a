import { dirname, isAbsolute, join, resolve } from "node:path";
import type { AppSpec, MigrateSpec, ServiceSpec, SourceSpec } from "../plan/spec.ts";
import type { RawConfig } from "./raw.ts";
import { toTraffic } from "./rollout-spec.ts";
import { milliseconds } from "./service-spec.ts";

export interface AppSpecInput {
  readonly raw: RawConfig;
  /** Absolute path of the config file. */
  readonly file: string;
  readonly stage: string | undefined;
  /** The home directory for ~ in `path`. */
  readonly home: string;
  readonly services: readonly ServiceSpec[];
}

export function toAppSpec({ raw, file, stage, home, services }: AppSpecInput): AppSpec {
  return {
    app: raw.app,
    path: raw.servers === undefined ? hostPath(raw.path, home) : raw.path,
    stage,
    release: {
      source: toSource(raw.source, dirname(file)),
      build: {
        run: raw.build.run,
        where: raw.build.where,
        cache: raw.build.cache,
        timeoutMs: milliseconds(raw.build.timeout),
      },
      shared: raw.shared,
      writable: raw.writable,
      envTo: raw.env?.to,
      assets: raw.assets && { path: raw.assets.path, keepMs: milliseconds(raw.assets.keep) },
      keep: raw.keep,
    },
    services,
    migrate: toMigrate(raw.migrate),
    hooks: {
      "before-switch": raw.hooks["before-switch"],
      "after-switch": raw.hooks["after-switch"],
      "after-deploy": raw.hooks["after-deploy"],
      "on-failure": raw.hooks["on-failure"],
      timeoutMs: milliseconds(raw.hooks.timeout),
    },
    bakeMs: milliseconds(raw.rollout.bake),
    surge: raw.rollout.surge,
    traffic: toTraffic(raw),
  };
}

function hostPath(path: string, home: string): string {
  return isAbsolute(path) ? resolve(path) : join(home, path.replace(/^~\//, ""));
}

function toSource(source: RawConfig["source"], directory: string): SourceSpec {
  if (typeof source === "string") {
    return { kind: "directory", path: resolve(directory, source) };
  }
  return source.git === undefined
    ? { kind: "artifact", path: resolve(directory, source.artifact ?? "") }
    : { kind: "git", url: localGit(source.git, directory), ref: source.branch };
}

/** A repository next to the config may be named by a relative path. */
function localGit(url: string, directory: string): string {
  return url.startsWith("./") || url.startsWith("../") ? resolve(directory, url) : url;
}

function toMigrate(migrate: RawConfig["migrate"]): MigrateSpec | undefined {
  return migrate && { run: migrate.run, on: migrate.on, timeoutMs: milliseconds(migrate.timeout) };
}
