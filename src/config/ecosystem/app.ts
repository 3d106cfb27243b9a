import type { ByHand } from "../by-hand.ts";
import { parseCount, parseInstances, parseMemory, parseMilliseconds, parsePort } from "../by-hand/values.ts";
import type { Fields } from "../by-hand/fields.ts";
import { isRecord } from "../by-hand/fields.ts";
import { invalid } from "./read.ts";

/** One entry of `apps`, as written. */
export type App = Fields;

type AppFields = Omit<ByHand, "cwd"> & { readonly cwd?: string | undefined };

/** The entry in the words of this program; a value of the wrong kind is a Problem that names its key. */
export function fieldsOf(app: App, file: string): AppFields {
  const text = (key: string): string | undefined => scalar(app, key, file);
  const ms = (key: string): number | undefined =>
    optional(text(key), (value) => parseMilliseconds(value, key));
  const script = text("script");
  if (script === undefined) throw invalid(file, `An entry of apps${nameIn(app)} has no script.`);
  return {
    script,
    args: words(app["args"]),
    cwd: text("cwd"),
    name: text("name"),
    interpreter: text("interpreter") ?? text("exec_interpreter"),
    interpreterArgs: words(app["node_args"] ?? app["nodeArgs"] ?? app["interpreter_args"]),
    instances: optional(text("instances"), parseInstances),
    port: optional(text("port"), parsePort),
    health: app["wait_ready"] === true ? "message" : text("health"),
    bootMs: ms("listen_timeout"),
    killMs: ms("kill_timeout"),
    killSignal: text("kill_signal"),
    memoryBytes: optional(text("max_memory_restart"), parseMemory),
    autorestart: app["autorestart"] === undefined ? undefined : app["autorestart"] !== false,
    maxRestarts: optional(text("max_restarts"), parseCount),
    restartDelayMs: ms("exp_backoff_restart_delay") ?? ms("restart_delay"),
    minUptimeMs: ms("min_uptime"),
    cron: [text("cron_restart"), text("cron")].find((cron) => cron !== undefined && cron !== "0"),
    watch: watched(app["watch"]),
    env: variablesOf(app, "env", file),
  };
}

/** The variables under "env" or "env_<name>". */
export function variablesOf(app: App, key: string, file: string): Readonly<Record<string, string>> {
  const env = app[key] ?? {};
  if (!isRecord(env)) throw invalid(file, `"${key}"${nameIn(app)} is not an object.`);
  const entries = Object.entries(env).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

export function nameIn(app: App): string {
  return typeof app["name"] === "string" ? ` of ${app["name"]}` : "";
}

function optional<Value>(text: string | undefined, read: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : read(text);
}

function scalar(app: App, key: string, file: string): string | undefined {
  const value = app[key];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw invalid(file, `"${key}"${nameIn(app)} is neither text nor a number.`);
}

function words(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" || typeof value === "number" ? split(String(value)) : [];
}

/** Splits as a shell does, without expanding anything. */
function split(line: string): readonly string[] {
  const parts = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return parts.map((part) =>
    part.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}

function watched(value: unknown): readonly string[] | undefined {
  if (value === true) return ["."];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? [value] : undefined;
}
