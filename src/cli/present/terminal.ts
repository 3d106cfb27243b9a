import type { CutoverEvent } from "../../plan/event.ts";
import type { ProblemDetail } from "../../problem.ts";
import type { Output } from "../output.ts";
import { createBlock, type Block } from "./block.ts";
import { fixOf, isAsked, isSame, refusalOf, turning } from "./plain.ts";
import type { Presenter } from "./presenter.ts";
import { printable, renderProblem } from "./problem.ts";
import { createStepGroups, type StepGroups } from "./step-groups.ts";
import { endedLines, runningLines, stepLines } from "./step-lines.ts";
import { summary } from "./summary.ts";
import { verdictLines } from "./verdict.ts";
import { wrap } from "./wrap.ts";

interface View {
  readonly output: Output;
  readonly errors: Output;
  readonly block: Block;
  readonly now: () => number;
  /** Every output line stays on the screen, not only the last one of each step. */
  readonly isVerbose: boolean;
  readonly groups: StepGroups;
  /** Of the deployment. */
  hosts: readonly string[];
  holding: Extract<CutoverEvent, { event: "hold" }> | undefined;
  /** What the judge knows so far. */
  evidence: readonly string[];
  refused: string;
  shown: ProblemDetail | undefined;
}

export interface TerminalOptions {
  readonly isVerbose?: boolean;
  readonly now?: () => number;
}

/** What is done stays as a line; what runs is a block below it, redrawn with its clock and last output line. */
export function terminalPresenter(output: Output, errors: Output, options: TerminalOptions = {}): Presenter {
  const now = options.now ?? Date.now;
  const lines = (): readonly string[] => liveLines(view);
  const view: View = {
    output,
    errors,
    block: createBlock(output, lines),
    now,
    isVerbose: options.isVerbose === true,
    groups: createStepGroups(),
    hosts: [],
    holding: undefined,
    evidence: [],
    refused: "",
    shown: undefined,
  };
  return {
    print: (text) => view.block.above(() => output.write(text.endsWith("\n") ? text : `${text}\n`)),
    emit: (event) => show(event, view),
    say: (text) => view.block.above(() => errors.write(`${text}\n`)),
    hold: (isHeld) => view.block.hold(isHeld),
    finish({ problem }) {
      settle(view);
      view.block.close();
      if (problem !== undefined && !isSame(problem, view.shown)) {
        errors.write(renderProblem(problem, errors));
      }
    },
  };
}

function show(event: CutoverEvent, view: View): void {
  const permanent = advance(event, view);
  if (permanent.length > 0) {
    view.block.above(() => view.output.write(`${permanent.join("\n")}\n`));
  } else {
    view.block.draw();
  }
  if (event.event === "end" && event.problem !== undefined && !isAsked(event.problem)) {
    view.shown = event.problem;
    view.errors.write(`\n${renderProblem(event.problem, view.errors)}`);
  }
}

/** Takes the event in and returns the lines that stay. */
function advance(event: CutoverEvent, view: View): readonly string[] {
  const { paint } = view.output;
  switch (event.event) {
    case "begin":
      view.hosts = event.goal.hosts;
      return [paint("bold", summary(event, paint).join(" ")), ""];
    case "end":
      settle(view);
      return ["", ...summary(event, paint)];
    case "effect":
      view.holding = undefined;
      view.groups.begin(event.effect, view.now());
      return [];
    case "outcome":
      view.refused = refusalOf(event) ?? view.refused;
      return view.groups.end(event).flatMap((group) => endedLines(group, view));
    case "output":
      return remember(event, view);
    case "hold":
      view.holding = event;
      view.evidence = [];
      return [];
    case "judge":
      return hear(event, view);
    case "warning":
      return [`  ${paint("yellow", "!")} ${wrapped(event.problem.what + fixOf(event.problem), 4, view)}`];
    case "turn":
      view.holding = undefined;
      return [`  ${paint("red", "↩")} ${wrapped(turning(event.problem, view.refused), 4, view)}`];
    case "note":
      return [event.text];
  }
}

/** Of what goes on below, behind the name of the signal. */
const evidenceIndent = 13;

const verdictMarks = {
  open: ["dim", " "],
  sound: ["green", "✓"],
  harm: ["red", "✗"],
  inconclusive: ["yellow", "!"],
} as const;

/** What is open is shown below the hold; a verdict stays. */
function hear(event: Extract<CutoverEvent, { event: "judge" }>, view: View): readonly string[] {
  view.evidence = event.verdict === "open" ? event.evidence : [];
  const [color, mark] = verdictMarks[event.verdict];
  const marked = view.output.paint(color, mark);
  return verdictLines(event).map((line, i) =>
    i === 0 ? `  ${marked} ${wrapped(line, 4, view)}` : `    ${wrapped(line, evidenceIndent, view)}`,
  );
}

function settle(view: View): void {
  view.groups.clear();
  view.holding = undefined;
}

function wrapped(text: string, indent: number, { output }: View): string {
  return wrap(text, output.columns(), indent);
}

function remember(event: Extract<CutoverEvent, { event: "output" }>, view: View): readonly string[] {
  const line = printable(event.line);
  const isHeard = view.groups.heard(event.host, line.trim() === "" ? "" : `${event.source}: ${line}`);
  const source = view.hosts.length < 2 ? event.source : `${event.host} ${event.source}`;
  return view.isVerbose || !isHeard ? [`    ${view.output.paint("dim", `${source} |`)} ${line}`] : [];
}

function liveLines(view: View): readonly string[] {
  const { output, groups, holding } = view;
  const steps = groups.open.flatMap((group) => runningLines(group, view));
  const left = holding === undefined ? 0 : Math.max(0, holding.until - view.now());
  const hold = holding === undefined ? [] : stepLines(output.paint("cyan", "…"), holding.why, left, output);
  const evidence = holding === undefined ? [] : view.evidence;
  const known = evidence.flatMap((line) =>
    wrapped(line, evidenceIndent, view)
      .split("\n")
      .map((one, i) => output.paint("dim", i === 0 ? `    ${one}` : one)),
  );
  return [...steps, ...hold, ...known].slice(-Math.max(1, output.rows() - 2));
}
