import type { ServiceSpec } from "../../plan/spec.ts";
import type { App } from "./app.ts";
import { nameIn } from "./app.ts";

const words = (text: string): readonly string[] => text.split(" ");

const used = new Set(
  [
    "name script args cwd interpreter exec_interpreter node_args nodeArgs interpreter_args instances env",
    "max_memory_restart autorestart watch cron_restart cron wait_ready listen_timeout kill_timeout min_uptime",
    "max_restarts restart_delay exp_backoff_restart_delay port increment_var kill_signal health",
    // Known to PM2, and nothing a user of ours would miss.
    "exec_mode treekill pmx automation vizion source_map_support disable_source_map_support time",
  ].flatMap(words),
);

const logKeys = new Set(
  words("error_file err_file out_file log_file output error log pid_file merge_logs combine_logs"),
);

/** One sentence for each key that means nothing here or something else than in PM2. */
export function notesOn(app: App, spec: ServiceSpec, environment: string | undefined): readonly string[] {
  const unused = Object.keys(app).filter((key) => !used.has(key) && !key.startsWith("env_"));
  const logs = unused.filter((key) => logKeys.has(key));
  const unknown = unused.filter((key) => !logKeys.has(key)).map((key) => unknownNote(key, app));
  return [
    ...unknown,
    ...(logs.length > 0
      ? [`${list(logs)} not used: cutover describe ${spec.name} shows where the logs are.`]
      : []),
    ...incrementNotes(app, spec),
    ...(environment !== undefined && app[`env_${environment}`] === undefined
      ? [`${spec.name} has no env_${environment}.`]
      : []),
  ];
}

function unknownNote(key: string, app: App): string {
  if (key === "instance_var") {
    return "instance_var is not used: NODE_APP_INSTANCE and CUTOVER_INSTANCE hold the number of the instance.";
  }
  if (key === "ignore_watch")
    return "ignore_watch is not used: node_modules, .git and logs are never watched.";
  return `"${key}"${nameIn(app)} is not known here and not used.`;
}

/** PM2 gives each instance its own port through increment_var; here all instances share the public one. */
function incrementNotes(app: App, spec: ServiceSpec): readonly string[] {
  const variable = app["increment_var"];
  if (typeof variable !== "string") return [];
  return [
    variable === "PORT"
      ? `${spec.name}: increment_var is not needed: all instances share port ${String(spec.port ?? "PORT")}.`
      : `${spec.name}: increment_var is not used: CUTOVER_INSTANCE holds the number of the instance.`,
  ];
}

function list(names: readonly string[]): string {
  return `${names.join(", ")} ${names.length === 1 ? "is" : "are"}`;
}
