import { appendFile, readFile } from "node:fs/promises";
import type { Io } from "../command.ts";
import { reportMarkdown } from "./markdown.ts";
import type { Report } from "./report.ts";

/** What GitHub shows with a job; undefined: this runs in none. */
export function summaryFile({ env }: Io): string | undefined {
  const { GITHUB_STEP_SUMMARY: file } = env;
  return file === "" ? undefined : file;
}

/** Adds the report, unless the same one is there already. */
export async function addToSummary(path: string, report: Report, io: Io): Promise<void> {
  const text = io.redact(reportMarkdown(report));
  const known = await readFile(path, "utf8").catch(() => "");
  if (!known.includes(text)) await appendFile(path, text);
}
