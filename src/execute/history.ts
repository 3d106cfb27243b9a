import { foldFacts } from "../plan/facts.ts";
import { isDryRun } from "../plan/judgement.ts";
import { reachedAt } from "../plan/reached.ts";
import type { End, Finding, Goal, JournalRecord } from "../plan/record.ts";
import { rolloutOf } from "../plan/rollout.ts";
import type { ProblemDetail } from "../problem.ts";
import { isProblem, Problem } from "../problem.ts";
import type { Anchor } from "./anchor.ts";
import { chooseCopy } from "./choose-copy.ts";
import { firstHash, type JournalText, readLines } from "./journal-lines.ts";
import { unreadableHistoryProblem } from "./trouble.ts";

/** One deployment as its journal tells it. Times are ms since the epoch. */
export interface Deployment {
  readonly id: string;
  readonly kind: Goal["kind"];
  readonly release: string;
  readonly previous: string | null;
  readonly revision: string;
  readonly operator: string;
  /** When its revision was committed; null: not known. */
  readonly committedAt: number | null;
  /** When clients may have met the new release for the first time; null: never. */
  readonly reachedAt: number | null;
  /** null: nobody has ended it; "paused" and null wait for resume or abort. */
  readonly end: End | null;
  readonly startedAt: number;
  /** Last record; of an unended deployment the last sign of life. */
  readonly endedAt: number;
  readonly durationMs: number;
  /** Why it turned back or paused. */
  readonly problem: ProblemDetail | null;
  /** The stage of the rollout that it is at or was paused at, in words; null: it has ended. */
  readonly stage: string | null;
  /** What the judge found, stage by stage. */
  readonly verdicts: readonly StageVerdict[];
}

interface StageVerdict extends Pick<Finding, "verdict" | "why"> {
  /** In words. */
  readonly stage: string;
  /** Nothing followed from it. */
  readonly isDryRun: boolean;
}

export interface History {
  /** Oldest first. */
  readonly deployments: readonly Deployment[];
  /** Journals that cannot be read on any host, each with its reason. */
  readonly damaged: readonly { readonly id: string; readonly problem: ProblemDetail }[];
  /** Breaks of the chain from one journal to the next, a sentence each. */
  readonly notes: readonly string[];
  /** There are no older ones. */
  readonly isWhole: boolean;
  /** Hash that the journal of the next deployment continues, so that history is one chain. */
  readonly tail: string;
  /** What the last of `deployments` wants; null: there is none. */
  readonly goal: Goal | null;
}

/** The newest `count` deployments, each from the best copy that any anchor has. Problem: JOURNAL_UNREADABLE. */
export async function readHistory(anchors: readonly Anchor[], count: number): Promise<History> {
  const copies = await readAll(anchors, count);
  const ids = [...copies.keys()].sort((a, b) => Number(a) - Number(b)).slice(-count);
  const deployments: Deployment[] = [];
  const damaged: { id: string; problem: ProblemDetail }[] = [];
  const notes: string[] = [];
  let goal: Goal | null = null;
  let before: { readonly id: string; readonly text: JournalText } | null = null;
  for (const id of ids) {
    const text = bestOf(id, copies.get(id) ?? []);
    if ("problem" in text) {
      damaged.push({ id, problem: text.problem });
      before = null;
      continue;
    }
    if (text.records.length === 0) continue;
    if (before !== null && text.head !== before.text.tail.hash) notes.push(brokenChain(id, before.id));
    before = { id, text };
    const deployment = describeDeployment(text.records);
    if (deployment === null) continue;
    deployments.push(deployment);
    const [first] = text.records;
    goal = first?.kind === "begin" ? first.goal : null;
  }
  return {
    deployments,
    damaged,
    notes,
    isWhole: copies.size < count,
    tail: before?.text.tail.hash ?? firstHash,
    goal,
  };
}

/** The records of one deployment, from the best copy that any anchor has; empty: there is none. Problems as readHistory. */
export async function readRecords(anchors: readonly Anchor[], id: string): Promise<readonly JournalRecord[]> {
  const settled = await Promise.allSettled(anchors.map((anchor) => anchor.readJournal(id)));
  const copies = settled.flatMap((one) =>
    one.status === "fulfilled" && one.value !== "" ? [one.value] : [],
  );
  const errors: unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (errors.length > 0 && errors.length === anchors.length) throw unreadableHistoryProblem(errors);
  const text = bestOf(id, copies);
  if ("problem" in text) throw new Problem(text.problem);
  return text.records;
}

/** Id -> the text of each anchor that has it. */
async function readAll(
  anchors: readonly Anchor[],
  count: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const errors: unknown[] = [];
  const copies = new Map<string, string[]>();
  await Promise.all(
    anchors.map(async (anchor) => {
      const journals = await anchor.journals(count).catch((error: unknown) => {
        errors.push(error);
        return [];
      });
      for (const { id, text } of journals) copies.set(id, [...(copies.get(id) ?? []), text]);
    }),
  );
  if (errors.length > 0 && errors.length === anchors.length) throw unreadableHistoryProblem(errors);
  return copies;
}

function bestOf(id: string, copies: readonly string[]): JournalText | { readonly problem: ProblemDetail } {
  let problem: ProblemDetail | null = null;
  const texts = copies.map((copy) => {
    try {
      return readLines(Buffer.from(copy), `the journal of deployment ${id}`);
    } catch (error) {
      if (!isProblem(error)) throw error;
      problem = error.detail;
      return null;
    }
  });
  const best = chooseCopy(texts);
  if (best !== null && (best.records.length > 0 || problem === null)) return best;
  return problem === null ? readLines(Buffer.alloc(0), id) : { problem };
}

function brokenChain(id: string, before: string): string {
  return `The journal of deployment ${id} does not continue that of deployment ${before}: one between them is missing, or a finished one was changed.`;
}

/** null for a journal whose first record never reached the disk. */
function describeDeployment(records: readonly JournalRecord[]): Deployment | null {
  const [first] = records;
  if (first?.kind !== "begin") return null;
  const { id, kind, release, previous, revision } = first.goal;
  const { ended, turned, lastAt, stage } = foldFacts(records);
  return {
    id,
    kind,
    release,
    previous,
    revision,
    operator: first.operator,
    committedAt: committedAt(first.goal, records),
    reachedAt: reachedAt(records, first.goal),
    end: ended?.end ?? null,
    startedAt: first.at,
    endedAt: lastAt,
    durationMs: lastAt - first.at,
    problem: ended?.problem ?? turned,
    stage: ended === null || ended.end === "paused" ? stageName(first.goal, stage + 1) : null,
    verdicts: records.flatMap((record) => (record.kind === "verdict" ? [verdictIn(first.goal, record)] : [])),
  };
}

function verdictIn(goal: Goal, { stage, verdict, why }: Finding & { readonly stage: number }): StageVerdict {
  return { stage: stageName(goal, stage), verdict, why, isDryRun: isDryRun(goal) };
}

/** Whoever deployed it knew, or the host that fetched it. */
function committedAt(goal: Goal, records: readonly JournalRecord[]): number | null {
  if (goal.committedAt !== undefined) return goal.committedAt;
  for (const record of records) {
    if (record.kind !== "outcome" || record.outcome.outcome !== "done") continue;
    if (record.outcome.committedAt !== undefined) return record.outcome.committedAt;
  }
  return null;
}

function stageName(goal: Goal, index: number): string {
  return rolloutOf(goal).stages[index]?.says ?? "the last steps";
}

/** The one deployment that waits for resume or abort; null: none. */
export function findUnended(history: History): Deployment | null {
  const last = history.deployments.at(-1);
  return last === undefined || last.end === "new" || last.end === "old" ? null : last;
}

/** The damage of the newest journal, which may be that of an unfinished deployment; null: it can be read. */
export function newestDamage(history: History): ProblemDetail | null {
  const newest = history.damaged.at(-1);
  const readable = history.deployments.at(-1);
  if (newest === undefined) return null;
  return readable === undefined || Number(newest.id) > Number(readable.id) ? newest.problem : null;
}
