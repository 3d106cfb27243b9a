import { type Deployment, findUnended, type History, newestDamage } from "../../execute/history.ts";
import type { HandLock, LockInfo } from "../../fleet/deploy-lock.ts";
import { isLost } from "../../fleet/lost.ts";
import type { Goal } from "../../plan/record.ts";
import { dryRunNote } from "../present/verdict.ts";
import type { Context } from "./context.ts";
import { recentHistory } from "./unfinished.ts";

interface Settled {
  /** null: nothing was live before it either. */
  readonly release: string | null;
  readonly routing: Goal["routing"];
}

export interface DeploymentNow {
  readonly unended: Deployment | null;
  /** Who changes the app at this moment. */
  readonly holder: LockInfo | null;
  readonly locked: HandLock | null;
  /** What the last deployment left when it ended; null: nothing was deployed yet, or one is under way. */
  readonly settled: Settled | null;
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
    ...judgedSoFar(unended),
    ...(locked === null ? [] : [`Locked by ${locked.operator}: ${locked.message || "no reason given"}.`]),
  ];
  const settled = unended === null && holder === null ? settledOf(history) : null;
  return { unended, holder, locked, settled, lines };
}

function settledOf({ deployments, goal }: History): Settled | null {
  if (goal === null) return null;
  const release = deployments.at(-1)?.end === "old" ? goal.previous : goal.release;
  return { release, routing: goal.routing };
}

/** Of the first server that can be asked and knows of a lock. */
export async function lockNow({
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

/** Where it is, and why it stands still, or what the judge has said last. */
function judgedSoFar(unended: Deployment | null): readonly string[] {
  if (unended === null) return [];
  const { stage, verdicts, problem } = unended;
  const at = stage === null ? [] : [`It is at: ${stage}.`];
  const last = verdicts.at(-1);
  if (problem !== null) return [...at, problem.what];
  if (last === undefined) return at;
  return [...at, `The judge, with ${last.stage}: ${last.why}${last.isDryRun ? dryRunNote : ""}`];
}

function stageOf(unended: Deployment | null, holder: LockInfo | null): readonly string[] {
  if (holder !== null)
    return [`${holder.operator} (pid ${holder.pid}) is changing this app: ${holder.doing}.`];
  if (unended === null) return [];
  return [
    `Deployment ${unended.id} of release ${unended.release} is unfinished: cutover resume, or cutover abort.`,
  ];
}
