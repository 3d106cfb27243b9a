import { findUnended, newestDamage, readHistory } from "../../execute/history.ts";
import { journalPath, readText } from "../../execute/journal.ts";
import type { Goal } from "../../plan/record.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";

/** The goal of the deployment that waits for resume or abort. Problems: NOTHING_UNFINISHED, JOURNAL_CORRUPT. */
export async function unfinishedGoal(context: Context): Promise<Goal> {
  const history = await readHistory(context.journals);
  const damage = await newestDamage(context.journals, history);
  if (damage !== null) throw new Problem({ exit: exits.refused, ...damage });
  const unended = findUnended(history);
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
