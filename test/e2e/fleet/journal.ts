import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readLines } from "../../../src/execute/journal-lines.ts";
import { leavesNoTrace } from "../../../src/plan/facts.ts";
import type { JournalRecord } from "../../../src/plan/record.ts";

export interface BedJournal {
  readonly records: readonly JournalRecord[];
  /** The one whose writing was cut short. */
  readonly torn: JournalRecord | null;
}

/** As it lies in the app's directory on a host; empty before the first deployment. */
export function readNewestJournal(app: string): BedJournal {
  const directory = join(app, ".cutover/journal");
  const newest = Math.max(0, ...namesIn(directory).map((name) => Number.parseInt(name, 10)));
  if (newest === 0) return { records: [], torn: null };
  const bytes = readFileSync(join(directory, `${newest}.ndjson`));
  const { records, tail } = readLines(bytes, "the journal of the bed");
  const rest = bytes.subarray(tail.bytes).toString();
  return { records, torn: rest === "" ? null : (JSON.parse(`${rest}}`) as { record: JournalRecord }).record };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const particular: ReadonlySet<string> = new Set([
  "at",
  "epoch",
  "operator",
  "goal",
  "release",
  "of",
  "outcome",
  "previous",
]);

/** What the record is about, the same for every deployment of one strategy. */
export function nameRecord(record: JournalRecord): string {
  return JSON.stringify(record, (key, value: unknown) => (particular.has(key) ? undefined : value));
}

/** How many records whoever takes over writes again: of steps that are not done, or that nobody can see were done. */
export function countAgain({ records, torn }: BedJournal): number {
  const all = torn === null ? records : [...records, torn];
  const from = all.findLastIndex(({ kind }) => kind === "claim" || kind === "begin");
  const count = (wanted: string): number => all.slice(from).filter(({ kind }) => kind === wanted).length;
  const pending = count("intent") - count("outcome");
  if (torn === null || torn.kind === "intent" || torn.kind === "begin") return pending;
  if (torn.kind === "outcome") return pending + (leavesNoTrace(torn.effect) ? 2 : 0);
  return pending + 1;
}
