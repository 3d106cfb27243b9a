import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exits, Problem } from "../../problem.ts";
import { fileProblem } from "../../release/file-problem.ts";
import type { Command, Io } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { lockNow } from "../deployment/now.ts";
import { findReport } from "../report/find.ts";
import { reportHtml } from "../report/html.ts";
import { addToSummary, summaryFile } from "../report/job-summary.ts";
import { reportMarkdown } from "../report/markdown.ts";
import { reportText } from "../report/text.ts";

export const command: Command = {
  summary: "what a deployment did, step by step, and what it cost the clients",
  usage: "[ID] [--html FILE] [--markdown] [--summary]",
  positionals: 1,
  options: {
    html: { type: "string", value: "FILE", about: "write it as one page that needs nothing else" },
    markdown: { type: "boolean", about: "print it as Markdown" },
    summary: { type: "boolean", about: "add it to the summary of the GitHub job, as deploy does by itself" },
  },
  async run(input, io) {
    const { html, markdown, summary } = input.flags;
    const into = summary === true ? summaryOf(io) : undefined;
    await using context = await openContext(input, io, "read");
    // Asked before the journal: what ends in between has ended.
    const { holder } = await lockNow(context);
    const report = await findReport(context, input.positionals[0], {
      heldAt: holder === null ? null : Date.now(),
      warn: (problem) => io.emit({ event: "warning", problem }),
    });
    if (typeof html === "string")
      await write(resolve(io.cwd, html), (path) => writeFile(path, io.redact(reportHtml(report))));
    if (into !== undefined) await write(into, (path) => addToSummary(path, report, io));
    if (markdown === true) io.print(reportMarkdown(report));
    else if (typeof html === "string") io.print(`Written to ${html}.`);
    else io.print(reportText(report, io.columns));
    io.result({ report });
    return exits.done;
  },
};

function summaryOf(io: Io): string {
  const file = summaryFile(io);
  if (file !== undefined) return file;
  throw new Problem({
    code: "SUMMARY_NOWHERE",
    what: "There is no job summary to add to: GITHUB_STEP_SUMMARY is not set.",
    fix: "Run it in a GitHub job, or print the same text with --markdown.",
    exit: exits.usage,
  });
}

async function write(path: string, writing: (path: string) => Promise<void>): Promise<void> {
  await writing(path).catch((error: unknown) => {
    throw fileProblem(error, `write ${path}`);
  });
}
