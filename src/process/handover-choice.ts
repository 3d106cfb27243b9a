import { commandStep, placeAfter } from "./choice/command.ts";
import { pipelinesOf } from "./choice/line.ts";
import type { Place, Step, Verdict } from "./choice/step.ts";

/** More layers than anybody nests; a script that runs itself ends here. */
const deepest = 30;

/**
 * How the program of `run` (a line for /bin/sh, or argv) gets the public port: Node programs take the inherited socket
 * through the preload, any other binds a private port behind the relay. Launchers, package scripts and scripts on disk
 * are followed to what they start.
 */
export function chooseHandover(
  run: string | readonly string[],
  cwd: string,
  path: string = process.env["PATH"] ?? "",
): "preload" | "relay" {
  const place: Place = { cwd, path, isBelowNode: false };
  const verdict =
    typeof run === "string" ? judgeLine(run, place, 0) : judge({ kind: "words", words: run, place }, 0);
  return verdict === "node" ? "preload" : "relay";
}

function judge(step: Step, depth: number): Verdict {
  if (depth > deepest) return "other";
  switch (step.kind) {
    case "verdict":
      return step.verdict;
    case "words":
      return judge(commandStep(step.words, step.place), depth + 1);
    case "line":
      return judgeLine(step.line, step.place, depth + 1);
    case "together": {
      const verdicts = new Set(step.steps.map((each) => judge(each, depth + 1)));
      // Behind the relay any of them may be the server.
      return verdicts.has("other") ? "other" : verdicts.has("node") ? "node" : "neutral";
    }
  }
}

/** The last command that serves anything decides; in a pipeline the first: `node app | pino-pretty`. */
function judgeLine(line: string, start: Place, depth: number): Verdict {
  const pipelines = pipelinesOf(line);
  if (pipelines === null) return "other";
  let last: Verdict = "neutral";
  let place = start;
  for (const commands of pipelines) {
    const verdicts = commands.map((words) => judge({ kind: "words", words, place }, depth));
    last = verdicts.find((verdict) => verdict !== "neutral") ?? last;
    place = placeAfter(commands[0] ?? [], place);
  }
  return last;
}
