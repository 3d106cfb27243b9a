import { shortDuration } from "../present/duration.ts";
import { titleOf } from "../present/step-text.ts";
import { renderDetails, renderTable } from "../present/table.ts";
import type { Moment } from "./moments.ts";
import type { Report } from "./report.ts";
import { groupSteps, type StepGroup } from "./steps.ts";
import {
  factsOf,
  figureNames,
  figuresOf,
  inOrder,
  lastLines,
  offset,
  proofText,
  runNotes,
  stepOutcome,
  verdictsOf,
} from "./words.ts";

/** For a terminal of that many columns. */
export function reportText(report: Report, columns: number): string {
  const { app, id, headline, measured } = report;
  const parts = [
    [`Deployment ${id} of ${app}: ${headline}.`, renderDetails(factsOf(report), columns)],
    ["What happened", ...renderTable(["", "", "", ""], timeline(report)).split("\n").slice(1)],
    [
      "What clients noticed",
      `  ${proofText(measured)}`,
      ...runNotes(measured).map((note) => `  ${note}`),
      ...figures(report),
    ],
    ["What the judge saw", ...verdicts(report)],
    ["Findings", ...findings(report)],
    ["Way out", ...report.wayOut.map((line) => `  ${line}`)],
  ];
  return parts
    .filter((part) => part.length > 1)
    .map((part) => part.join("\n"))
    .join("\n\n");
}

function timeline(report: Report): readonly (readonly string[])[] {
  const all = report.hosts.filter(({ role }) => role === "server").map(({ host }) => host);
  const steps = groupSteps(report.steps).map((group) => ({ at: group.fromMs, row: stepRow(group, all) }));
  const moments = report.moments
    .filter(({ kind }) => kind !== "begin")
    .map((moment) => ({ at: moment.atMs, row: momentRow(moment) }));
  return inOrder([...steps, ...moments]).map(({ row }) => row);
}

function stepRow(group: StepGroup, all: readonly string[]): readonly string[] {
  const notes = group.notes.length === 0 ? "" : `: ${group.notes.join("; ")}`;
  const title = `${titleOf(group.step, group.hosts, all)}${notes}`;
  return [
    `  ${offset(group.fromMs)}`,
    stepOutcome(group),
    group.ms === null ? "" : shortDuration(group.ms),
    title,
  ];
}

function momentRow({ atMs, says }: Moment): readonly string[] {
  return [`  ${offset(atMs)}`, "*", "", says];
}

function figures({ measured }: Report): readonly string[] {
  if (measured === null || "unmeasured" in measured) return [];
  const table = renderTable(figureNames, figuresOf(measured));
  return table.split("\n").map((line) => `  ${line}`);
}

function verdicts(report: Report): readonly string[] {
  return verdictsOf(report).flatMap(({ atMs, says, seen, evidence }) => [
    `  ${offset(atMs)} ${says}`,
    ...(seen === undefined ? [] : [`    ${seen}`]),
    ...evidence.map((line) => `    | ${line}`),
  ]);
}

function findings({ findings: found }: Report): readonly string[] {
  return found.flatMap(({ problem, hosts }) => [
    `  ${problem.code}${hosts.length === 0 ? "" : ` on ${hosts.join(", ")}`}: ${problem.what}`,
    ...(problem.why === undefined ? [] : [`    ${problem.why}`]),
    ...lastLines(problem.evidence ?? []).map((line) => `    | ${line}`),
  ]);
}
