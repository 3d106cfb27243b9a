import { readdir } from "node:fs/promises";
import { foldFacts } from "../plan/facts.ts";
import type { End, Goal, JournalRecord } from "../plan/record.ts";
import type { ProblemDetail } from "../problem.ts";
import { isProblem } from "../problem.ts";
import { firstHash } from "./journal-lines.ts";
import { journalPath, readText } from "./journal.ts";

/** One deployment as its journal tells it. Times are ms since the epoch. */
export interface Deployment {
  readonly id: string;
  readonly kind: Goal["kind"];
  readonly release: string;
  readonly previous: string | null;
  readonly revision: string;
  readonly operator: string;
  /** null: nobody has ended it; "paused" and null wait for resume or abort. */
  readonly end: End | null;
  readonly startedAt: number;
  /** Last record; of an unended deployment the last sign of life. */
  readonly endedAt: number;
  readonly durationMs: number;
  /** Why it turned back or paused. */
  readonly problem: ProblemDetail | null;
}

export interface History {
  /** Oldest first. */
  readonly deployments: readonly Deployment[];
  /** Journals that cannot be read, each with its reason. */
  readonly damaged: readonly { readonly id: string; readonly problem: ProblemDetail }[];
}

export async function readHistory(directory: string): Promise<History> {
  const deployments: Deployment[] = [];
  const damaged: { id: string; problem: ProblemDetail }[] = [];
  for (const id of await listJournals(directory)) {
    try {
      const { records } = await readText(journalPath(directory, id));
      const deployment = describeDeployment(records);
      if (deployment !== null) deployments.push(deployment);
    } catch (error) {
      if (!isProblem(error)) throw error;
      damaged.push({ id, problem: error.detail });
    }
  }
  return { deployments, damaged };
}

/** null for a journal whose first record never reached the disk. */
function describeDeployment(records: readonly JournalRecord[]): Deployment | null {
  const [first] = records;
  if (first?.kind !== "begin") return null;
  const { id, kind, release, previous, revision } = first.goal;
  const { ended, turned, lastAt } = foldFacts(records);
  return {
    id,
    kind,
    release,
    previous,
    revision,
    operator: first.operator,
    end: ended?.end ?? null,
    startedAt: first.at,
    endedAt: lastAt,
    durationMs: lastAt - first.at,
    problem: ended?.problem ?? turned,
  };
}

/** The one deployment that waits for resume or abort; null: none. */
export function findUnended(history: History): Deployment | null {
  const last = history.deployments.at(-1);
  return last === undefined || last.end === "new" || last.end === "old" ? null : last;
}

/** The damage of the newest journal, which may be that of an unfinished deployment; null: it can be read. */
export async function newestDamage(directory: string, history: History): Promise<ProblemDetail | null> {
  const newest = (await listJournals(directory)).at(-1);
  return history.damaged.find(({ id }) => id === newest)?.problem ?? null;
}

/** Hash that the journal of the next deployment continues, so that history is one chain. */
export async function lastHash(directory: string): Promise<string> {
  for (const id of (await listJournals(directory)).toReversed()) {
    const { records, tail } = await readText(journalPath(directory, id));
    if (records.length > 0) return tail.hash;
  }
  return firstHash;
}

/** Ids of all journals in the order they were begun. */
export async function listJournals(directory: string): Promise<readonly string[]> {
  const names = await readNames(directory);
  const ids = names.flatMap((name) => /^(\d+)\.ndjson$/.exec(name)?.[1] ?? []);
  return ids.sort((a, b) => Number(a) - Number(b));
}

async function readNames(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
