import { closeSync, openSync, readSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { lineStep, node, other, wordsStep } from "./step.ts";
import type { Place, Step } from "./step.ts";

const scriptBytes = 64 * 1024;
const nodeExtensions: ReadonlySet<string> = new Set([".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"]);

/** What a program's file says it is: its first line, or its name. An unknown name is Node's where Node looks for it. */
export function fileStep(program: string, words: readonly string[], place: Place): Step {
  const file = findProgram(program, place);
  if (file === null) return nodeExtensions.has(extname(program)) || place.isBelowNode ? node : other;
  const text = readStart(file);
  const [, interpreter] = /^#!\s*([^\n]+)/.exec(text) ?? [];
  if (interpreter !== undefined) return lineOrWords(interpreter, file, words, place);
  return nodeExtensions.has(extname(file)) ? node : other;
}

/** The lines of a shell script, as one. */
export function scriptStep(file: string, place: Place): Step {
  const text = readStart(resolve(place.cwd, file));
  return text === "" || text.includes("\0") ? other : lineStep(text, place);
}

function lineOrWords(interpreter: string, file: string, words: readonly string[], place: Place): Step {
  return wordsStep([...interpreter.trim().split(/\s+/), file, ...words], place);
}

function findProgram(program: string, place: Place): string | null {
  if (program.includes("/")) return existing(resolve(place.cwd, program));
  for (let directory = place.cwd; ; directory = dirname(directory)) {
    const found = existing(join(directory, "node_modules/.bin", program));
    if (found !== null) return found;
    if (directory === dirname(directory)) break;
  }
  for (const directory of place.path.split(":")) {
    const found = directory === "" ? null : existing(join(directory, program));
    if (found !== null) return found;
  }
  return null;
}

function existing(file: string): string | null {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : null;
}

function readStart(file: string): string {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, "r");
    const buffer = Buffer.alloc(scriptBytes);
    return buffer.toString("latin1", 0, readSync(descriptor, buffer, 0, scriptBytes, 0));
  } catch {
    return "";
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
