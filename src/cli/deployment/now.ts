import { type Deployment, findUnended, newestDamage, readHistory } from "../../execute/history.ts";
import { type HandLock, type LockInfo, readHandLock, readHolder } from "../../fleet/deploy-lock.ts";
import type { Context } from "./context.ts";

export interface DeploymentNow {
  readonly unended: Deployment | null;
  /** Who changes the app at this moment. */
  readonly holder: LockInfo | null;
  readonly locked: HandLock | null;
  /** The same in sentences; none when nothing is going on. */
  readonly lines: readonly string[];
}

/** Whether somebody deploys now, left something unfinished, or locked the app. */
export async function deploymentNow(context: Context): Promise<DeploymentNow> {
  const history = await readHistory(context.journals);
  const unended = findUnended(history);
  const damage = await newestDamage(context.journals, history);
  const holder = await readHolder(context.place.home);
  const locked = await readHandLock(context.place.home);
  const lines = [
    ...(damage === null ? [] : [[damage.what, damage.fix].filter(Boolean).join(" ")]),
    ...stageOf(unended, holder),
    ...(locked === null ? [] : [`Locked by ${locked.operator}: ${locked.message || "no reason given"}.`]),
  ];
  return { unended, holder, locked, lines };
}

function stageOf(unended: Deployment | null, holder: LockInfo | null): readonly string[] {
  if (holder !== null)
    return [`${holder.operator} (pid ${holder.pid}) is changing this app: ${holder.doing}.`];
  if (unended === null) return [];
  return [
    `Deployment ${unended.id} of release ${unended.release} is unfinished: cutover resume, or cutover abort.`,
  ];
}
