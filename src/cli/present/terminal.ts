import type { Effect } from "../../plan/effect.ts";
import type { CutoverEvent } from "../../plan/event.ts";
import type { ProblemDetail } from "../../problem.ts";
import type { Output } from "../output.ts";
import { createBlock, type Block } from "./block.ts";
import { shortDuration } from "./duration.ts";
import { fixOf, isAsked, isSame, reason, refusalOf, turning } from "./plain.ts";
import type { Presenter } from "./presenter.ts";
import { printable, renderProblem } from "./problem.ts";
import { explainEffect } from "../../plan/explain.ts";
import { summary } from "./summary.ts";
import { wrap } from "./wrap.ts";

interface Step {
  readonly effect: Effect;
  readonly startedAt: number;
  lastLine: string;
}

interface View {
  readonly output: Output;
  readonly errors: Output;
  readonly block: Block;
  readonly now: () => number;
  /** Every output line stays on the screen, not only the last one of each step. */
  readonly isVerbose: boolean;
  readonly running: Map<string, Step>;
  holding: string;
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
  const running = new Map<string, Step>();
  const lines = (): readonly string[] => liveLines(view);
  const view: View = {
    output,
    errors,
    block: createBlock(output, lines),
    now,
    isVerbose: options.isVerbose === true,
    running,
    holding: "",
    refused: "",
    shown: undefined,
  };
  return {
    print: (text) => view.block.above(() => output.write(text.endsWith("\n") ? text : `${text}\n`)),
    emit: (event) => show(event, view),
    say: (text) => view.block.above(() => errors.write(`${text}\n`)),
    hold: (isHeld) => view.block.hold(isHeld),
    finish({ problem }) {
      running.clear();
      view.holding = "";
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
      return [paint("bold", summary(event, paint).join(" ")), ""];
    case "end":
      view.running.clear();
      view.holding = "";
      return ["", ...summary(event, paint)];
    case "effect":
      view.holding = "";
      view.running.set(keyOf(event.effect), { effect: event.effect, startedAt: view.now(), lastLine: "" });
      return [];
    case "outcome":
      view.running.delete(keyOf(event.effect));
      view.refused = refusalOf(event) ?? view.refused;
      return [finished(event, view)];
    case "output":
      return remember(event, view);
    case "hold":
      view.holding = event.why;
      return [];
    case "warning":
      return [`  ${paint("yellow", "!")} ${wrapped(event.problem.what + fixOf(event.problem), 4, view)}`];
    case "turn":
      return [`  ${paint("red", "↩")} ${wrapped(turning(event.problem, view.refused), 4, view)}`];
    case "note":
      return [event.text];
  }
}

function keyOf(effect: Effect): string {
  return JSON.stringify(effect);
}

function wrapped(text: string, indent: number, { output }: View): string {
  return wrap(text, output.columns(), indent);
}

function finished(event: Extract<CutoverEvent, { event: "outcome" }>, view: View): string {
  const { output } = view;
  const isDone = event.outcome.outcome === "done";
  const mark = isDone ? output.paint("green", "✓") : output.paint("red", "✗");
  const why = reason(event.outcome);
  const line = stepLine(mark, explainEffect(event.effect), event.ms, output);
  return why === "" ? line : `${line}\n    ${output.paint(isDone ? "dim" : "red", wrapped(why, 4, view))}`;
}

function stepLine(mark: string, text: string, ms: number, output: Output): string {
  const width = Math.max(20, Math.min(64, output.columns() - 14));
  return `  ${mark} ${text.padEnd(width)} ${output.paint("dim", shortDuration(ms).padStart(7))}`;
}

function remember(event: Extract<CutoverEvent, { event: "output" }>, view: View): readonly string[] {
  const line = printable(event.line);
  const step = [...view.running.values()].findLast(({ effect }) => effect.host === event.host);
  if (step !== undefined && line.trim() !== "") {
    step.lastLine = `${event.source}: ${line}`;
  }
  return view.isVerbose || step === undefined
    ? [`    ${view.output.paint("dim", `${event.source} |`)} ${line}`]
    : [];
}

function liveLines(view: View): readonly string[] {
  const { output } = view;
  const steps = [...view.running.values()].flatMap((step) => [
    stepLine(output.paint("cyan", "▸"), explainEffect(step.effect), view.now() - step.startedAt, output),
    ...(step.lastLine === ""
      ? []
      : [`    ${output.paint("dim", clip(step.lastLine, output.columns() - 5))}`]),
  ]);
  const holding = view.holding === "" ? [] : [`  ${output.paint("cyan", "…")} ${view.holding}`];
  return [...steps, ...holding].slice(-Math.max(1, output.rows() - 2));
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
