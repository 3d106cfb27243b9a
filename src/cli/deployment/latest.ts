import { findUnended, readHistory } from "../../execute/history.ts";
import { journalPath, readText } from "../../execute/journal.ts";
import type { Goal } from "../../plan/record.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";

/** The goal of the deployment that waits for resume or abort. Problem: NOTHING_UNFINISHED. */
export async function unfinishedGoal(context: Context): Promise<Goal> {
  const unended = findUnended(await readHistory(context.journals));
  if (unended === null) throw nothingUnfinished();
  const { records } = await readText(journalPath(context.journals, unended.id));
  const first = records[0];
  if (first?.kind !== "begin") throw nothingUnfinished();
  return first.goal;
}

function nothingUnfinished(): Problem {
  return new Problem({
    code: "NOTHING_UNFINISHED",
    what: "No deployment of this app is interrupted or paused.",
    fix: "cutover history shows how the last ones ended; cutover rollback goes back to the previous release.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
