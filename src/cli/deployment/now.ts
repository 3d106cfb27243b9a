import { type Deployment, findUnended, newestDamage } from "../../execute/history.ts";
import type { HandLock, LockInfo } from "../../fleet/deploy-lock.ts";
import { isLost } from "../../fleet/lost.ts";
import type { Context } from "./context.ts";
import { recentHistory } from "./unfinished.ts";

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
  const [history, { holder, byHand: locked }] = await Promise.all([recentHistory(context), lockNow(context)]);
  const unended = findUnended(history);
  const damage = newestDamage(history);
  const lines = [
    ...(damage === null ? [] : [[damage.what, damage.fix].filter(Boolean).join(" ")]),
    ...stageOf(unended, holder),
    ...(locked === null ? [] : [`Locked by ${locked.operator}: ${locked.message || "no reason given"}.`]),
  ];
  return { unended, holder, locked, lines };
}

/** Of the first server that can be asked and knows of a lock. */
async function lockNow({
  hosts,
}: Context): Promise<Pick<DeploymentNow, "holder"> & { byHand: HandLock | null }> {
  const states = await Promise.all(
    hosts.map((end) =>
      end.lockState().catch((error: unknown) => {
        if (isLost(error)) return { holder: null, byHand: null };
        throw error;
      }),
    ),
  );
  return {
    holder: states.find((state) => state.holder !== null)?.holder ?? null,
    byHand: states.find((state) => state.byHand !== null)?.byHand ?? null,
  };
}

function stageOf(unended: Deployment | null, holder: LockInfo | null): readonly string[] {
  if (holder !== null)
    return [`${holder.operator} (pid ${holder.pid}) is changing this app: ${holder.doing}.`];
  if (unended === null) return [];
  return [
    `Deployment ${unended.id} of release ${unended.release} is unfinished: cutover resume, or cutover abort.`,
  ];
}
