import { type Deployment, findUnended, readHistory } from "../../execute/history.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";

/** A deployment that nobody ended is somebody's decision to make: nothing new begins over it. */
export async function refuseUnfinished(context: Context): Promise<void> {
  const unended = findUnended(await readHistory(context.journals));
  if (unended !== null) throw unfinishedProblem(unended);
}

function unfinishedProblem(deployment: Deployment): Problem {
  const { id, kind, release, operator } = deployment;
  const how = deployment.end === "paused" ? "is paused" : "was interrupted";
  return new Problem({
    code: "DEPLOY_UNFINISHED",
    what: `Deployment ${id} (${kind} of release ${release} by ${operator}) ${how}.`,
    why: deployment.problem?.what,
    fix: "cutover resume finishes it, cutover abort undoes it; either works from here.",
    state: "Nothing was changed by this command; cutover status shows what serves.",
    exit: exits.refused,
  });
}
