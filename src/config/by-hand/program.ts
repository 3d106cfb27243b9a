import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { basename, delimiter, extname, isAbsolute, join, relative, resolve } from "node:path";
import { Problem, exits } from "../../problem.ts";

export interface ProgramAsk {
  /** A file, a program on the PATH, or a whole command line. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly path: string | undefined;
  readonly interpreter?: string | undefined;
  readonly interpreterArgs?: readonly string[] | undefined;
}

export interface Program {
  readonly run: string | readonly string[];
  /** Node or one of its launchers. */
  readonly isNode: boolean;
}

const interpreters: Readonly<Record<string, string>> = {
  ".js": "node",
  ".mjs": "node",
  ".cjs": "node",
  ".ts": "node",
  ".mts": "node",
  ".cts": "node",
  ".py": "python3",
  ".sh": "bash",
  ".rb": "ruby",
  ".php": "php",
  ".pl": "perl",
};

const nodeLaunchers = new Set([
  "node",
  "npm",
  "npx",
  "yarn",
  "pnpm",
  "tsx",
  "nest",
  "next",
  "nuxt",
  "nodejs",
]);

/** Turns what was typed into the command to run; a script that does not exist is a Problem. */
export function programOf(ask: ProgramAsk): Program {
  const file = resolve(ask.cwd, ask.script);
  if (isFile(file)) return runFile(file, ask);
  if (/\s/.test(ask.script.trim())) return runLine(ask);
  if (!ask.script.includes("/") && isOnPath(ask.script, ask.path)) {
    return { run: [ask.script, ...ask.args], isNode: nodeLaunchers.has(ask.script) };
  }
  throw missing(ask, file);
}

function runFile(file: string, ask: ProgramAsk): Program {
  const options = ask.interpreterArgs ?? [];
  const interpreter = ask.interpreter ?? interpreters[extname(file)] ?? shebang(file);
  if (interpreter !== undefined && interpreter !== "none") {
    const run = [...interpreter.split(/\s+/), ...options, wordFor(file, ask.cwd), ...ask.args];
    return { run, isNode: nodeLaunchers.has(basename(run[0] ?? "")) };
  }
  if (isExecutable(file)) {
    const word = wordFor(file, ask.cwd);
    return { run: [word.includes("/") ? word : `./${word}`, ...ask.args], isNode: false };
  }
  throw new Problem({
    code: "SCRIPT_NOT_EXECUTABLE",
    what: `${file} is not executable and its name does not tell what runs it.`,
    fix: `chmod +x ${ask.script}, or name the program: --interpreter node`,
    state: "Nothing was started.",
    exit: exits.usage,
  });
}

/** Relative where it can be, so that the directory of a generation, once resolved, decides for the script too. */
function wordFor(file: string, cwd: string): string {
  const within = relative(cwd, file);
  if (within.startsWith("..")) return file;
  return within.startsWith("-") ? `./${within}` : within;
}

function runLine(ask: ProgramAsk): Program {
  const line = [ask.script.trim(), ...ask.args.map(quote)].join(" ");
  return { run: line, isNode: nodeLaunchers.has(basename(programWord(line))) };
}

/** First word of a command line that is not an assignment. */
export function programWord(line: string): string {
  return line.split(/\s+/).find((word) => !/^\w+=/.test(word) && word !== "exec" && word !== "env") ?? "";
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function shebang(file: string): string | undefined {
  const [first = ""] = readFileSync(file, "latin1").slice(0, 200).split("\n", 1);
  if (!first.startsWith("#!") || isExecutable(file)) return undefined;
  return first
    .slice(2)
    .trim()
    .replace(/^\/usr\/bin\/env\s+(-S\s+)?/, "");
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}

function isOnPath(name: string, path = "/usr/local/bin:/usr/bin:/bin"): boolean {
  return path
    .split(delimiter)
    .some((directory) => isAbsolute(directory) && isExecutable(join(directory, name)));
}

function missing(ask: ProgramAsk, file: string): Problem {
  const isDirectory = statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return new Problem({
    code: "SCRIPT_MISSING",
    what: isDirectory
      ? `${file} is a directory; start needs a script, a program or a command line.`
      : `There is no service, script or program called "${ask.script}".`,
    why: isDirectory ? undefined : `Neither ${file} exists nor a program of that name on the PATH.`,
    fix: isDirectory
      ? "cutover start npm --name api -- start"
      : "Name a file (cutover start app.js), a program (cutover start npm -- run start) or quote a whole command line.",
    state: "Nothing was started.",
    exit: exits.usage,
  });
}
