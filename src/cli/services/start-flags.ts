import { resolve } from "node:path";
import type { ByHand } from "../../config/by-hand.ts";
import { environmentOf } from "../../config/by-hand/environment.ts";
import { logicalDirectory, throughCurrent } from "../../config/by-hand/place.ts";
import {
  invalidValue,
  parseCount,
  parseInstances,
  parseMemory,
  parseMilliseconds,
  parsePort,
} from "../../config/by-hand/values.ts";
import type { CommandInput, Flag, Io } from "../command.ts";
import { isSet, textOf, textsOf } from "./flags.ts";

/** Flags of an ecosystem file. */
export const fileFlags: Readonly<Record<string, Flag>> = {
  only: { type: "string", value: "A,B", about: "only these apps of an ecosystem file" },
  env: {
    type: "string",
    multiple: true,
    value: "KEY=V",
    about: "a variable; for an ecosystem file: env_NAME to use",
  },
  "update-env": { type: "boolean", about: "take the environment of this shell" },
  force: { type: "boolean", short: "f", about: "also when it runs: as a reload with what is typed here" },
};

export const startFlags: Readonly<Record<string, Flag>> = {
  name: {
    type: "string",
    short: "n",
    value: "NAME",
    about: "name (default: the script's, or the package's)",
  },
  instances: { type: "string", short: "i", value: "N|max", about: "how many to run (default 1)" },
  port: { type: "string", short: "p", value: "PORT", about: "public port (default: found or learnt)" },
  health: {
    type: "string",
    value: "PATH",
    about: "a path that answers 200, or tcp, or none (default: / below 500)",
  },
  cwd: {
    type: "string",
    value: "DIR",
    about: "working directory; a link in it is followed anew at each reload",
  },
  ...fileFlags,
  watch: { type: "boolean", about: "reload when files change" },
  "watch-path": {
    type: "string",
    multiple: true,
    value: "PATH",
    about: "what to watch (default: the directory)",
  },
  "max-memory-restart": { type: "string", value: "512M", about: "replace an instance that needs more" },
  "no-autorestart": { type: "boolean", about: "leave it stopped when it ends" },
  cron: { type: "string", value: "EXPR", about: 'reload at these times ("0 3 * * *")' },
  "cron-restart": { type: "string", value: "EXPR", about: "the same" },
  interpreter: {
    type: "string",
    value: "PROGRAM",
    about: "what runs the script (default: by its extension)",
  },
  "node-args": { type: "string", multiple: true, value: "ARGS", about: "arguments for the interpreter" },
  "interpreter-args": { type: "string", multiple: true, value: "ARGS", about: "the same" },
  "wait-ready": { type: "boolean", about: 'healthy when it says process.send("ready")' },
  "listen-timeout": { type: "string", value: "MS", about: "deadline to become healthy (default 60s)" },
  "kill-timeout": { type: "string", value: "MS", about: "from the stop signal to SIGKILL (default 5s)" },
  "kill-signal": {
    type: "string",
    value: "SIG",
    about: "stop signal (default SIGINT for Node, else SIGTERM)",
  },
  "min-uptime": {
    type: "string",
    value: "MS",
    about: "it must live this long before it takes traffic (default 2s)",
  },
  "max-restarts": {
    type: "string",
    value: "N",
    about: "failures in a row that make a crash loop (default 16)",
  },
  "restart-delay": {
    type: "string",
    value: "MS",
    about: "pause before the first restart; it grows (default 100)",
  },
  "exp-backoff-restart-delay": { type: "string", value: "MS", about: "the same" },
  time: { type: "boolean", about: "accepted from PM2: cutover logs --timestamp" },
  "merge-logs": { type: "boolean", about: "accepted from PM2: logs are one file per instance" },
  silent: { type: "boolean", short: "s", about: "accepted from PM2" },
};

/** What the flags say about one script; the working directory and the environment are this shell's. */
export function byHandOf(script: string, input: CommandInput, io: Io): ByHand {
  const { flags } = input;
  const read = <Value>(name: string, parse: (text: string, name: string) => Value): Value | undefined => {
    const text = textOf(flags, name);
    return text === undefined ? undefined : parse(text, `--${name}`);
  };
  const declared = assignments(textsOf(flags, "env"));
  return {
    script,
    args: input.rest,
    cwd: placeOf(input, io),
    env: { ...environmentOf(io.env), ...declared },
    declared: Object.keys(declared),
    name: textOf(flags, "name"),
    interpreter: textOf(flags, "interpreter"),
    interpreterArgs: ["node-args", "interpreter-args"].flatMap((name) => splitAll(textsOf(flags, name))),
    instances: read("instances", parseInstances),
    port: read("port", parsePort),
    health: isSet(flags, "wait-ready") ? "message" : textOf(flags, "health"),
    bootMs: read("listen-timeout", parseMilliseconds),
    killMs: read("kill-timeout", parseMilliseconds),
    killSignal: textOf(flags, "kill-signal"),
    memoryBytes: read("max-memory-restart", parseMemory),
    autorestart: !isSet(flags, "no-autorestart"),
    maxRestarts: read("max-restarts", parseCount),
    restartDelayMs:
      read("exp-backoff-restart-delay", parseMilliseconds) ?? read("restart-delay", parseMilliseconds),
    minUptimeMs: read("min-uptime", parseMilliseconds),
    cron: textOf(flags, "cron") ?? textOf(flags, "cron-restart"),
    watch: watchOf(flags),
  };
}

/** Where the person believes to be, with `current` kept as a link. */
function placeOf(input: CommandInput, io: Io): string {
  const here = logicalDirectory(io.cwd, io.env["PWD"]);
  const place = throughCurrent(resolve(here, textOf(input.flags, "cwd") ?? "."));
  if (place.note !== undefined) io.emit({ event: "note", text: place.note });
  return place.path;
}

function assignments(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw invalidValue(`"${text}" is not a variable.`, "Write --env KEY=VALUE, once for each.");
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function splitAll(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.trim().split(/\s+/)).filter((word) => word !== "");
}

function watchOf(flags: CommandInput["flags"]): readonly string[] | undefined {
  const paths = textsOf(flags, "watch-path");
  if (paths.length > 0) return paths;
  return isSet(flags, "watch") ? ["."] : undefined;
}
