import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterOptions, optionValue } from "./options.ts";
import { lineStep, neutral, node, other, wordsStep } from "./step.ts";
import type { Place, Step } from "./step.ts";

const valueOptions =
  "--prefix -C --dir --cwd -w --workspace --filter -F --loglevel --userconfig -p --package --script-shell".split(
    " ",
  );
const elsewhere = ["--prefix", "-C", "--dir", "--cwd"];
const scriptNames = ["start", "stop", "restart", "test"];
const runWords = ["run", "run-script", "rum", "urn"];
const execWords = ["exec", "x", "dlx"];
const neutralWords = (
  "install i ci add remove rm uninstall update up upgrade audit cache config set get link unlink prune rebuild rb " +
  "version pack publish why list ls outdated store dedupe fund init login logout whoami help import fetch patch"
).split(" ");

/** What npm, yarn, pnpm or npx would start. Their programs are Node, and so is nearly all they start. */
export function packageStep(program: string, words: readonly string[], place: Place): Step {
  const directory = optionValue(words, ...elsewhere);
  const below = { ...place, isBelowNode: true, cwd: resolve(place.cwd, directory ?? ".") };
  const line = optionValue(words, "-c", "--call");
  if (program === "npx")
    return line === undefined ? binStep(afterOptions(words, valueOptions), below) : lineStep(line, below);
  const [command, ...rest] = afterOptions(words, valueOptions);
  if (command === undefined || neutralWords.includes(command)) return neutral;
  if (runWords.includes(command)) return runStep(afterOptions(rest, valueOptions), below);
  if (scriptNames.includes(command)) return runStep([command], below);
  if (execWords.includes(command)) {
    return line === undefined ? binStep(afterOptions(rest, valueOptions), below) : lineStep(line, below);
  }
  if (command === "node") return wordsStep([command, ...rest], below);
  // yarn and pnpm run scripts and programs without a word for it; npm does not, and fails.
  return program === "npm" ? node : runStep([command, ...rest], below);
}

/** `bun run x` for a script of package.json is another program's job; bun itself ignores the preload. */
export function bunStep(words: readonly string[]): Step {
  return neutralWords.includes(words[0] ?? "") ? neutral : other;
}

function runStep([name, ...rest]: readonly string[], place: Place): Step {
  if (name === undefined) return neutral;
  const found = findPackage(place.cwd);
  const script = found?.scripts[name];
  // `npm start` without a script runs server.js.
  if (found === null || script === undefined)
    return name === "start" ? node : binStep([name, ...rest], place);
  return lineStep(script, { ...place, cwd: found.directory });
}

/** A program out of node_modules: Node, unless it is known or found to be something else. */
function binStep(words: readonly string[], place: Place): Step {
  return words.length === 0 ? node : { kind: "words", words, place: { ...place, isBelowNode: true } };
}

interface Package {
  readonly directory: string;
  readonly scripts: Readonly<Record<string, string>>;
}

/** The package.json that npm would take: the nearest one upwards. */
function findPackage(cwd: string): Package | null {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const file = join(directory, "package.json");
    if (existsSync(file)) return { directory, scripts: readScripts(file) };
    if (directory === dirname(directory)) return null;
  }
}

function readScripts(file: string): Readonly<Record<string, string>> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    const scripts = isRecord(content) && isRecord(content["scripts"]) ? content["scripts"] : {};
    return Object.fromEntries(
      Object.entries(scripts).flatMap(([name, line]) => (typeof line === "string" ? [[name, line]] : [])),
    );
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
