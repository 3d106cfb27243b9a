import type { CutoverEvent } from "../../plan/event.ts";
import type { ProblemDetail } from "../../problem.ts";
import type { Output } from "../output.ts";
import { shortDuration } from "./duration.ts";
import type { Presenter } from "./presenter.ts";
import { printable, renderProblem } from "./problem.ts";
import { explainEffect } from "../../plan/explain.ts";
import { summary } from "./summary.ts";

/** Append only, one line per event: for pipes and CI logs. */
export function plainPresenter(output: Output, errors: Output): Presenter {
  let shown: ProblemDetail | undefined;
  let refused = "";
  return {
    print: (text) => output.write(text.endsWith("\n") ? text : `${text}\n`),
    emit(event) {
      for (const line of eventLines(event, output, refused)) {
        output.write(`${line}\n`);
      }
      refused = refusalOf(event) ?? refused;
      if (event.event === "end" && event.problem !== undefined && !isAsked(event.problem)) {
        shown = event.problem;
        errors.write(renderProblem(event.problem, errors));
      }
    },
    say: (text) => errors.write(`${text}\n`),
    hold: () => undefined,
    finish({ problem }) {
      if (problem !== undefined && !isSame(problem, shown)) {
        errors.write(renderProblem(problem, errors));
      }
    },
  };
}

/** A problem told by the end event is not told again when the command also throws it. */
export function isSame(problem: ProblemDetail, shown: ProblemDetail | undefined): boolean {
  return shown !== undefined && shown.code === problem.code && shown.what === problem.what;
}

/** An abort that worked is no error to whoever asked for it; the deploy that it ended still tells. */
export function isAsked(problem: ProblemDetail): boolean {
  return problem.code === "DEPLOY_ABORTED";
}

function eventLines(event: CutoverEvent, output: Output, refused: string): readonly string[] {
  const { paint } = output;
  switch (event.event) {
    case "begin":
    case "end":
      return summary(event, paint);
    case "effect":
      return [`${paint("cyan", "begin")}  ${explainEffect(event.effect)}`];
    case "outcome": {
      const { outcome } = event.outcome;
      const word = outcome === "done" ? paint("green", "done ") : paint("red", outcome.padEnd(5));
      const why = reason(event.outcome);
      return [
        `${word}  ${explainEffect(event.effect)} (${shortDuration(event.ms)})${why === "" ? "" : `: ${why}`}`,
      ];
    }
    case "output":
      return [`${paint("dim", `${event.source} |`)} ${printable(event.line)}`];
    case "hold":
      return [`hold   ${event.why}`];
    case "warning":
      return [`${paint("yellow", "warn ")}  ${event.problem.what}${fixOf(event.problem)}`];
    case "turn":
      return [`${paint("red", "turn ")}  ${turning(event.problem, refused)}`];
    case "note":
      return [event.text];
  }
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

export function reason(outcome: Extract<CutoverEvent, { event: "outcome" }>["outcome"]): string {
  switch (outcome.outcome) {
    case "done":
      return (outcome.notes ?? []).join("; ");
    case "stale":
      return `another operator took over (epoch ${outcome.epoch})`;
    case "refused":
      return outcome.problem.what;
    case "unknown":
      return outcome.why;
  }
}

export function fixOf(problem: ProblemDetail): string {
  return problem.fix === undefined ? "" : ` (${problem.fix})`;
}
