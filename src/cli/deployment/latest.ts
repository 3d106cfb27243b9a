import { findUnended, newestDamage } from "../../execute/history.ts";
import type { Goal } from "../../plan/record.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";
import { recentHistory } from "./unfinished.ts";

/** The goal of the deployment that waits for resume or abort. Problems: NOTHING_UNFINISHED, JOURNAL_CORRUPT. */
export async function unfinishedGoal(context: Context): Promise<Goal> {
  const history = await recentHistory(context);
  const damage = newestDamage(history);
  if (damage !== null) throw new Problem({ exit: exits.refused, ...damage });
  if (findUnended(history) === null || history.goal === null) throw nothingUnfinished();
  return history.goal;
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
