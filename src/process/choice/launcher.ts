import { afterOptions, assignment, optionValue } from "./options.ts";
import { lineStep, neutral, node, other, wordsStep } from "./step.ts";
import type { Place, Step } from "./step.ts";

type Launcher = (words: readonly string[], place: Place) => Step;

/** A launcher whose own options end where the program begins; `skip` more words belong to it. */
function plain(withValue: readonly string[] = [], skip = 0): Launcher {
  return (words, place) => wordsStep(afterOptions(words, withValue).slice(skip), place);
}

/** As plain, below Node. */
function nodeLauncher(withValue: readonly string[] = []): Launcher {
  return (words, place) => plain(withValue)(words, { ...place, isBelowNode: true });
}

/** The program is what stands behind "--", where there is one. */
function behindDashes(withValue: readonly string[] = []): Launcher {
  return (words, place) => {
    const at = words.indexOf("--");
    return at < 0
      ? wordsStep(afterOptions(words.slice(1), withValue), place)
      : wordsStep(words.slice(at + 1), place);
  };
}

const env: Launcher = (words, place) => {
  const isCleared = words.some((word) => ["-", "-i", "--ignore-environment"].includes(word));
  const split = optionValue(words, "-S", "--split-string");
  const rest = afterOptions(words, ["-u", "--unset", "-C", "--chdir", "-S", "--split-string"]);
  if (isCleared || optionValue(words, "-u", "--unset") === "NODE_OPTIONS") return other;
  return split === undefined ? wordsStep(rest, place) : lineStep([split, ...rest].join(" "), place);
};

const crossEnv: Launcher = (words, place) => {
  const program = afterOptions(words).findIndex((word) => !assignment.test(word));
  return program < 0
    ? neutral
    : wordsStep(afterOptions(words).slice(program), { ...place, isBelowNode: true });
};

/** `concurrently "npm:web" "node worker.js"`: every word is a line of its own. */
const concurrently: Launcher = (words, place) => {
  const below = { ...place, isBelowNode: true };
  const lines = positionals(words, [
    "-n",
    "--names",
    "-c",
    "--prefix-colors",
    "-p",
    "--prefix",
    "-s",
    "--success",
  ]);
  const steps = lines.map((line) => lineStep(line.replace(/^(npm|yarn|pnpm|node):/, "$1 run "), below));
  return { kind: "together", steps };
};

/** `run-p web worker`: every word is a script of package.json. */
const scripts: Launcher = (words, place) => {
  const below = { ...place, isBelowNode: true };
  return {
    kind: "together",
    steps: positionals(words, []).map((name) => wordsStep(["npm", "run", name], below)),
  };
};

const nodemon: Launcher = (words, place) => {
  const line = optionValue(words, "--exec", "-x");
  return line === undefined ? node : lineStep(line, { ...place, isBelowNode: true });
};

/** Node's own watcher and script runner start a child without the descriptors. */
const nodeItself: Launcher = (words) => {
  const end = words.findIndex((word) => !word.startsWith("-"));
  const options = end < 0 ? words : words.slice(0, end);
  return options.some((word) => /^--(watch|watch-path|run)(=|$)/.test(word)) ? other : node;
};

export const launchers: Readonly<Record<string, Launcher>> = {
  node: nodeItself,
  nodejs: nodeItself,
  env,
  exec: plain(["-a"]),
  command: plain(),
  builtin: plain(),
  nohup: plain(),
  setsid: plain(),
  catchsegv: plain(),
  nice: plain(["-n"]),
  ionice: plain(["-c", "-n"]),
  chrt: plain([], 1),
  taskset: plain(["-c"], 1),
  numactl: plain(),
  stdbuf: plain(["-i", "-o", "-e"]),
  setpriv: plain(["--reuid", "--regid", "--groups", "--ruid", "--rgid"]),
  timeout: plain(["-k", "--kill-after", "-s", "--signal"], 1),
  gosu: plain([], 1),
  "su-exec": plain([], 1),
  tini: plain(["-p", "-e"]),
  "dumb-init": plain(),
  op: behindDashes(),
  doppler: behindDashes(),
  infisical: behindDashes(),
  chamber: behindDashes(),
  "aws-vault": behindDashes(),
  teller: behindDashes(),
  dotenvx: behindDashes(["-f", "--env-file"]),
  mise: behindDashes(),
  fnm: behindDashes(["--using"]),
  volta: behindDashes(["--node", "--npm"]),
  "wait-for-it": behindDashes(),
  "wait-for": behindDashes(),
  dotenv: nodeLauncher(["-e", "-c", "-v", "-p"]),
  "env-cmd": nodeLauncher(["-f", "--file", "-e", "--environments"]),
  corepack: nodeLauncher(),
  "cross-env": crossEnv,
  "cross-env-shell": (words, place) => lineStep(words.join(" "), { ...place, isBelowNode: true }),
  concurrently,
  "npm-run-all": scripts,
  "run-s": scripts,
  "run-p": scripts,
  nodemon,
};

function positionals(words: readonly string[], withValue: readonly string[]): string[] {
  return words.filter((word, at) => !word.startsWith("-") && !withValue.includes(words[at - 1] ?? ""));
}
