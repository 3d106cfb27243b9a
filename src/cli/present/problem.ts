import { stripVTControlCharacters } from "node:util";
import type { ProblemDetail } from "../../problem.ts";
import type { Output } from "../output.ts";
import { wrap } from "./wrap.ts";

const labelWidth = 6;

/** The one shape of an error: code and sentence, why, evidence, what to do, what state things are in now. */
export function renderProblem(problem: ProblemDetail, output: Output): string {
  const { paint } = output;
  const columns = output.isTerminal ? output.columns() : Infinity;
  const where = problem.where === undefined ? "" : `${problem.where}: `;
  const what = wrap(`${problem.code}  ${where}${problem.what}`, columns, 2).slice(problem.code.length);
  const lines = [`${paint("red", paint("bold", problem.code))}${what}`];
  const label = (name: string, text: string): string =>
    `  ${paint("bold", name.padEnd(labelWidth))}${wrap(text, columns, 2 + labelWidth)}`;
  if (problem.why !== undefined) {
    lines.push(label("Why:", problem.why));
  }
  const tail: string[] = [];
  if (problem.fix !== undefined) {
    tail.push(label("Fix:", problem.fix));
  }
  const state = stateOf(problem);
  if (state !== undefined) {
    tail.push(label("Now:", state));
  }
  const used = [...lines, ...tail].join("\n").split("\n").length;
  const room = output.isTerminal ? Math.max(6, output.rows() - used - 4) : Infinity;
  lines.push(...evidenceLines(problem.evidence ?? [], room, output), ...tail);
  return `${lines.join("\n")}\n`;
}

function stateOf(problem: ProblemDetail): string | undefined {
  const isUntouched = problem.exit === 2 || problem.exit === 3;
  return problem.state ?? (isUntouched ? "Nothing was changed." : undefined);
}

/** The last lines say most, and the whole problem fits one screen. */
function evidenceLines(evidence: readonly string[], room: number, output: Output): readonly string[] {
  const lines = evidence.flatMap((text) => text.replace(/\n$/, "").split("\n")).map(printable);
  const shown = lines.slice(-Math.min(lines.length, room));
  const width = output.isTerminal ? output.columns() - 5 : Infinity;
  const clipped = shown.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
  const left = lines.length - shown.length;
  const more =
    left > 0 ? [`  ${output.paint("dim", `| (${left} earlier lines: see --json or the log)`)}`] : [];
  return [...more, ...clipped.map((line) => `  ${output.paint("dim", "|")} ${line}`)];
}

/** A log line must not be able to move the cursor or recolour the screen. */
export function printable(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll("\t", "  ")
    .replaceAll(/\p{Cc}/gu, "");
}
