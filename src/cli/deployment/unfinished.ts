import {
  type Deployment,
  findUnended,
  type History,
  newestDamage,
  readHistory,
} from "../../execute/history.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";

/** The newest journals of all servers: whoever kept the last one, somebody here knows it. */
export async function recentHistory(context: Context): Promise<History> {
  return await readHistory(context.hosts, 2);
}

/** A deployment that nobody ended is somebody's decision to make: nothing new begins over it. */
export async function refuseUnfinished(context: Context): Promise<History> {
  const history = await recentHistory(context);
  const damage = newestDamage(history);
  if (damage !== null) throw new Problem({ exit: exits.refused, ...damage });
  const unended = findUnended(history);
  if (unended !== null) throw unfinishedProblem(unended);
  return history;
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
