import type { Result } from "../../execute/loop.ts";
import type { Io } from "../command.ts";
import { findReport } from "../report/find.ts";
import { addToSummary, summaryFile } from "../report/job-summary.ts";
import type { Context } from "./context.ts";

/** Leaves the report with the job that GitHub runs this in. What goes wrong here warns, and fails nothing. */
export async function summarise(context: Context, io: Io, { goal }: Result): Promise<void> {
  const path = summaryFile(io);
  if (path === undefined) return;
  try {
    await addToSummary(path, await findReport(context, goal.id), io);
  } catch (error) {
    const problem = {
      code: "SUMMARY_FAILED",
      what: `The summary of the job could not be written: ${error instanceof Error ? error.message : String(error)}.`,
      fix: "See the same text: cutover report --markdown",
      state: "The deployment itself is not affected.",
    };
    io.emit({ event: "warning", problem });
  }
}
