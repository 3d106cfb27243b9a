import { shortDuration } from "../present/duration.ts";
import { titleOf } from "../present/step-text.ts";
import type { Report } from "./report.ts";
import { groupSteps } from "./steps.ts";
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

/** GitHub's Markdown, for a job summary or a pull request. */
export function reportMarkdown(report: Report): string {
  const { app, id, headline, end, measured, wayOut } = report;
  const mark = end === "new" ? "✅" : end === null || end === "paused" ? "⏸️" : "❌";
  const all = report.hosts.filter(({ role }) => role === "server").map(({ host }) => host);
  const steps = groupSteps(report.steps).map((group) => ({
    at: group.fromMs,
    row: [
      offset(group.fromMs),
      titleOf(group.step, group.hosts, all),
      group.ms === null ? "" : shortDuration(group.ms),
      [stepOutcome(group), ...group.notes].join(": "),
    ],
  }));
  const moments = report.moments
    .filter(({ kind }) => kind !== "begin")
    .map(({ atMs, says }) => ({ at: atMs, row: [offset(atMs), says, "", ""] }));
  return [
    `## ${mark} ${escape(app)}: ${escape(headline)}`,
    "",
    ...table(["deployment", id], factsOf(report)),
    "",
    `**What clients noticed.** ${escape([proofText(measured), ...runNotes(measured)].join(" "))}`,
    "",
    ...(measured === null || "unmeasured" in measured
      ? []
      : [...table(figureNames, figuresOf(measured)), ""]),
    ...verdicts(report),
    ...findings(report),
    ...wayOut.map((line) => `**Way out.** ${escape(line)}\n`),
    "<details><summary>What happened</summary>",
    "",
    ...table(
      ["at", "step", "took", "outcome"],
      inOrder([...steps, ...moments]).map(({ row }) => row),
    ),
    "",
    "</details>",
    "",
  ].join("\n");
}

function verdicts(report: Report): readonly string[] {
  return verdictsOf(report).flatMap(({ atMs, says, seen = "", evidence }) => [
    `**${offset(atMs)}** ${escape(`${says} ${seen}`.trim())}`,
    "",
    ...fenced(evidence),
  ]);
}

function findings({ findings: found }: Report): readonly string[] {
  return found.flatMap(({ problem, hosts }) => [
    `> **${problem.code}** ${escape([hosts.join(", "), problem.what].filter(Boolean).join(": "))}`,
    ...(problem.why === undefined ? [] : [`> ${escape(problem.why)}`]),
    "",
    ...fenced(problem.evidence ?? []),
  ]);
}

/** A fence that is longer than any in the lines themselves. */
function fenced(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const longest = Math.max(
    2,
    ...(lines
      .join("\n")
      .match(/`+/g)
      ?.map(({ length }) => length) ?? [0]),
  );
  const fence = "`".repeat(longest + 1);
  return [fence, ...lastLines(lines), fence, ""];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- |").join("")}`, ...rows.map(line)];
}

/** What a program wrote must not become markup. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_<>|[\]]/g, String.raw`\$&`).replaceAll("\n", " ");
}
