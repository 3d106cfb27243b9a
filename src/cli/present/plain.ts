import type { Effect } from "../../plan/effect.ts";
import type { CutoverEvent } from "../../plan/event.ts";
import type { ProblemDetail } from "../../problem.ts";
import type { Output, Paint } from "../output.ts";
import { shortDuration } from "./duration.ts";
import type { Presenter } from "./presenter.ts";
import { printable, renderProblem } from "./problem.ts";
import {
  createStepGroups,
  type EndedGroup,
  reasonsOf,
  type StepGroup,
  type StepGroups,
} from "./step-groups.ts";
import { titleOf } from "./step-text.ts";
import { summary } from "./summary.ts";
import { verdictLines } from "./verdict.ts";

/** Append only, one line per event, or per step where several hosts do the same: for pipes and CI logs. */
export function plainPresenter(output: Output, errors: Output): Presenter {
  const view: View = {
    output,
    errors,
    groups: createStepGroups(),
    begun: new Set(),
    hosts: [],
    refused: "",
    looks: 0,
  };
  let shown: ProblemDetail | undefined;
  return {
    print: (text) => output.write(text.endsWith("\n") ? text : `${text}\n`),
    emit(event) {
      if (event.event === "effect") return begin(event.effect, view);
      writeBegun(view);
      for (const line of eventLines(event, view)) output.write(`${line}\n`);
      if (event.event === "begin") view.hosts = event.goal.hosts;
      view.refused = refusalOf(event) ?? view.refused;
      view.looks = event.event === "judge" ? (view.looks + 1) % looksPerLine : 0;
      if (event.event === "end" && event.problem !== undefined && !isAsked(event.problem)) {
        shown = event.problem;
        errors.write(renderProblem(event.problem, errors));
      }
    },
    say: (text) => errors.write(`${text}\n`),
    hold: () => undefined,
    finish({ problem }) {
      writeBegun(view);
      if (problem !== undefined && !isSame(problem, shown)) {
        errors.write(renderProblem(problem, errors));
      }
    },
  };
}

/** Of a judge that looks about once a second. */
const looksPerLine = 60;

interface View {
  readonly output: Output;
  readonly errors: Output;
  readonly groups: StepGroups;
  /** Steps whose begin is not told yet. */
  readonly begun: Set<StepGroup>;
  hosts: readonly string[];
  refused: string;
  /** How often the judge has looked since it said something last. */
  looks: number;
}

/** What begins at the same moment on several hosts is one line, so it waits for the end of that moment. */
function begin(effect: Effect, view: View): void {
  if (view.begun.size === 0) queueMicrotask(() => writeBegun(view));
  view.begun.add(view.groups.begin(effect, 0));
}

function writeBegun({ output, begun, hosts }: View): void {
  for (const group of begun) {
    const title = titleOf(group, [...group.running.keys()], hosts);
    const detail = group.detail === undefined ? "" : `: ${group.detail}`;
    output.write(`${output.paint("cyan", "begin")}  ${title}${detail}\n`);
  }
  begun.clear();
}

/** A problem told by the end event is not told again when the command also throws it. */
export function isSame(problem: ProblemDetail, shown: ProblemDetail | undefined): boolean {
  return shown !== undefined && shown.code === problem.code && shown.what === problem.what;
}

/** An abort or a pause that worked is no error to whoever asked for it; the deploy that it ended still tells. */
export function isAsked(problem: ProblemDetail): boolean {
  return problem.code === "DEPLOY_ABORTED" || problem.code === "DEPLOY_PAUSED";
}

function eventLines(
  event: Exclude<CutoverEvent, { event: "effect" }>,
  { output, groups, hosts, refused, looks }: View,
): readonly string[] {
  const { paint } = output;
  switch (event.event) {
    case "begin":
    case "end":
      return summary(event, paint);
    case "outcome":
      return groups.end(event).map((group) => endedLine(group, hosts, paint));
    case "output": {
      const source = hosts.length < 2 ? event.source : `${event.host} ${event.source}`;
      return [`${paint("dim", `${source} |`)} ${printable(event.line)}`];
    }
    case "hold":
      return [`hold   ${event.why}`];
    case "judge":
      return judgeLines(event, looks).map((line, i) => (i === 0 ? `judge  ${line}` : `       ${line}`));
    case "warning":
      return [`${paint("yellow", "warn ")}  ${event.problem.what}${fixOf(event.problem)}`];
    case "turn":
      return [`${paint("red", "turn ")}  ${turning(event.problem, refused)}`];
    case "note":
      return [event.text];
  }
}

/** So that a log shows now and then that somebody watches. */
function judgeLines(event: Extract<CutoverEvent, { event: "judge" }>, looks: number): readonly string[] {
  const isDue = event.verdict === "open" && looks === looksPerLine - 1;
  return isDue ? [event.why, ...event.evidence] : verdictLines(event);
}

function endedLine(group: EndedGroup, hosts: readonly string[], paint: Paint): string {
  const outcome = group.events[0]?.outcome.outcome ?? "done";
  const word = outcome === "done" ? paint("green", "done ") : paint("red", outcome.padEnd(5));
  const where = group.events.map(({ effect }) => effect.host);
  const ms = Math.max(...group.events.map((event) => event.ms));
  const why = reasonsOf(group).join("; ");
  return `${word}  ${titleOf(group, where, hosts)} (${shortDuration(ms)})${why === "" ? "" : `: ${why}`}`;
}

export function refusalOf(event: CutoverEvent): string | undefined {
  return event.event === "outcome" && event.outcome.outcome === "refused"
    ? event.outcome.problem.what
    : undefined;
}

/** What a refused step has just said is not said again. */
export function turning(problem: ProblemDetail, refused: string): string {
  return problem.what === refused ? "Going back." : `${problem.what} Going back.`;
}

export function fixOf(problem: ProblemDetail): string {
  return problem.fix === undefined ? "" : ` (${problem.fix})`;
}
