import { basename, resolve } from "node:path";
import { fileStep, scriptStep } from "./file.ts";
import { launchers } from "./launcher.ts";
import { keywords, neutralPrograms, nodePrograms, otherPrograms, severing, shells } from "./names.ts";
import { assignment } from "./options.ts";
import { bunStep, packageStep } from "./package.ts";
import { lineStep, neutral, node, other, wordsStep } from "./step.ts";
import type { Place, Step } from "./step.ts";

type Taker = (words: readonly string[], place: Place) => Step;

const packagePrograms = ["npm", "npx", "yarn", "yarnpkg", "pnpm", "pnpx"];

/** Start something else, also when they are named by their path. */
const starters: ReadonlyMap<string, Taker> = new Map<string, Taker>([
  ...[...severing].map((name): [string, Taker] => [name, () => other]),
  ...[...shells].map((name): [string, Taker] => [name, shellStep]),
  ...packagePrograms.map((name): [string, Taker] => [
    name,
    (words, place) => packageStep(name, words, place),
  ]),
  ["bun", bunStep],
  ["eval", (words, place) => lineStep(words.join(" "), place)],
  ...Object.entries(launchers),
]);

/** Takes one layer off the words of a simple command. */
export function commandStep(words: readonly string[], place: Place): Step {
  const [first, ...rest] = words;
  if (first === undefined) return neutral;
  if (keywords.has(first)) return wordsStep(rest, place);
  if (assignment.test(first)) return assignedStep(first, rest, place);
  const start = starters.get(basename(first));
  if (start !== undefined) return start(rest, place);
  if (neutralPrograms.has(first)) return neutral;
  if (nodePrograms.has(first)) return node;
  if (otherPrograms.has(basename(first).replace(/[\d.]+$/, ""))) return other;
  // `"$NODE" app.js`: what the variable holds is not known, its name is a hint.
  if (/[$`]/.test(first)) return /(^|[^a-z])node/i.test(first) ? node : other;
  return fileStep(first, rest, place);
}

/** The directory after a `cd` in a line. */
export function placeAfter(words: readonly string[], place: Place): Place {
  const [first, directory] = words;
  return first === "cd" && directory !== undefined && !/[$`~]/.test(directory)
    ? { ...place, cwd: resolve(place.cwd, directory) }
    : place;
}

/** NODE_OPTIONS set outside of Node replaces the one that has the preload. */
function assignedStep(first: string, rest: readonly string[], place: Place): Step {
  const isReplaced = /^NODE_OPTIONS=(?!.*\$\{?NODE_OPTIONS)/.test(first) && !place.isBelowNode;
  return isReplaced && rest.length > 0 ? other : wordsStep(rest, place);
}

function shellStep(words: readonly string[], place: Place): Step {
  for (const [at, word] of words.entries()) {
    if (/^[-+][a-z]*c[a-z]*$/.test(word)) return lineStep(words[at + 1] ?? "", place);
    // busybox names its own shell.
    if (!/^[-+]/.test(word))
      return shells.has(word) ? wordsStep(words.slice(at), place) : scriptStep(word, place);
  }
  return other;
}
