import { Problem } from "../../problem.ts";

export interface RelayArguments {
  /** The public port. */
  readonly port: number;
  readonly host: string | undefined;
  /** The program may speak another protocol than HTTP/1.1: it is asked. */
  readonly tcp: boolean;
  readonly command: readonly [string, ...string[]];
  /** Given when `command` is this line for the shell. */
  readonly line?: string | undefined;
}

const usage =
  "relay/main.js [--port <public>] [--host <address>] [--tcp] (--shell <line> | -- <program> [words])";

/** `--port` defaults to $PORT. Everything from the first word that is no flag, or from `--`, is the program. */
export function readArguments(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RelayArguments {
  const flags = new Map<string, string>();
  let at = 0;
  for (; at < words.length && words[at] !== "--"; at += 1) {
    const word = words[at] ?? "";
    if (word === "--tcp") flags.set(word, "");
    else if (["--port", "--host", "--shell"].includes(word)) flags.set(word, words[(at += 1)] ?? "");
    else break;
  }
  const port = Number(flags.get("--port") ?? env["PORT"]);
  const command = commandOf(words.slice(words[at] === "--" ? at + 1 : at), flags.get("--shell"));
  if (command === null || !isPort(port)) {
    throw new Problem({ code: "RELAY_USAGE", what: `Usage: ${usage}` });
  }
  return { port, host: flags.get("--host"), tcp: flags.has("--tcp"), command, line: flags.get("--shell") };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function commandOf(words: readonly string[], line: string | undefined): RelayArguments["command"] | null {
  if (line !== undefined) return ["/bin/sh", "-c", line];
  const [program, ...rest] = words;
  return program === undefined ? null : [program, ...rest];
}
