import { parseArgs } from "node:util";
import { nearest } from "../nearest.ts";
import { exits, Problem } from "../problem.ts";
import type { Command, CommandInput, Flag, GlobalFlags } from "./command.ts";

export const globalFlags: Readonly<Record<string, Flag>> = {
  config: { type: "string", short: "c", value: "FILE", about: "config file (default cutover.yml)" },
  stage: { type: "string", value: "NAME", about: "stage of the config to use" },
  json: { type: "boolean", about: "one JSON object per line; the last one is the result" },
  yes: { type: "boolean", short: "y", about: "answer every question with yes" },
  verbose: { type: "boolean", about: "more detail; the stack trace of a bug" },
  help: { type: "boolean", short: "h", about: "what the command does and takes" },
};

export interface Split {
  /** Absent: flags only. */
  readonly name: string | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Finds the command word behind global flags, so that `cutover --json list` and `cutover list --json` are the same. */
export function splitCommand(argv: readonly string[]): Split {
  let index = 0;
  while (index < argv.length && argv[index]?.startsWith("-") === true && argv[index] !== "--") {
    index += takesValue(argv[index] ?? "") ? 2 : 1;
  }
  return { name: argv[index], before: argv.slice(0, index), after: argv.slice(index + 1) };
}

function takesValue(argument: string): boolean {
  return Object.entries(globalFlags).some(
    ([name, flag]) => flag.type === "string" && (argument === `--${name}` || argument === `-${flag.short}`),
  );
}

export interface ParsedArguments extends CommandInput {
  readonly help: boolean;
}

/** Strict: an unknown flag, a missing value or one positional too many is a Problem, and nothing runs. */
export function parseArguments(name: string, command: Command, argv: readonly string[]): ParsedArguments {
  const dashes = argv.indexOf("--");
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  const options: Record<string, Flag> = { ...globalFlags, ...command.options };
  const { values, positionals } = parseStrictly(name, options, own);
  if (command.positionals !== undefined && positionals.length > command.positionals) {
    throw usageProblem(name, `There is no place for "${positionals[command.positionals]}".`);
  }
  return {
    name,
    positionals,
    rest: dashes === -1 ? [] : argv.slice(dashes + 1),
    flags: values,
    global: globalsOf(values),
    help: values["help"] === true,
  };
}

function globalsOf(values: Readonly<Record<string, unknown>>): GlobalFlags {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return {
    config: text(values["config"]),
    stage: text(values["stage"]),
    json: values["json"] === true,
    yes: values["yes"] === true,
    verbose: values["verbose"] === true,
  };
}

interface Parsed {
  readonly values: CommandInput["flags"];
  readonly positionals: readonly string[];
}

function parseStrictly(name: string, options: Record<string, Flag>, args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: args.map(hideNumber),
      options,
      strict: true,
      allowPositionals: true,
    });
    // Booleans are never "multiple" here, so a list is one of strings.
    const flags = Object.entries(values).map(([key, value]) => [
      key,
      Array.isArray(value)
        ? value.map((one) => showNumber(String(one)))
        : typeof value === "string"
          ? showNumber(value)
          : value,
    ]);
    return {
      values: Object.fromEntries(flags),
      positionals: positionals.map(showNumber),
    };
  } catch (error) {
    throw flagProblem(name, options, error);
  }
}

/** parseArgs takes "-1" for a flag; here it is a number wherever it stands (`scale api -1`, `-i -1`). */
function hideNumber(argument: string): string {
  return /^-\d+$/.test(argument) ? `\0${argument}` : argument;
}

function showNumber(text: string): string {
  return text.replace("\0", "");
}

function flagProblem(name: string, options: Readonly<Record<string, Flag>>, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (!(error instanceof Error) || typeof code !== "string" || !code.startsWith("ERR_PARSE_ARGS_")) {
    return error;
  }
  const { message } = error;
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    return usageProblem(name, `${message.split(/\n|\. /)[0]}.`);
  }
  const flag = /'([^']+)'/.exec(message)?.[1] ?? "";
  const meant = nearest(flag.replace(/^-+/, ""), Object.keys(options));
  const hint = meant === undefined ? "" : ` Did you mean --${meant}?`;
  return usageProblem(name, `"cutover ${name}" has no flag ${flag}.${hint}`);
}

export function usageProblem(name: string, what: string): Problem {
  return new Problem({
    code: "USAGE",
    what,
    fix: `cutover help ${name}`,
    state: "Nothing was run.",
    exit: exits.usage,
  });
}

export function unknownCommand(name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  return new Problem({
    code: "USAGE",
    what: `There is no command "${name}".${meant === undefined ? "" : ` Did you mean "${meant}"?`}`,
    fix: meant === undefined ? "cutover help" : `cutover ${meant}`,
    state: "Nothing was run.",
    exit: exits.usage,
  });
}
