import type { JournalRecord } from "../../plan/record.ts";

/** From when somebody took the deployment up until it ended, was paused or was told of no more. Ms since the epoch. */
export interface JournalRun {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly operator: string;
  readonly isPaused: boolean;
}

/** The oldest first. A claim alone is an operator's own who lost a reply; whoever takes over tells at once what for. */
export function journalRunsOf(records: readonly JournalRecord[]): readonly JournalRun[] {
  const begins = records.flatMap((record, i) => {
    const isTakenOver = record.kind === "claim" && records[i + 1]?.kind === "command";
    return record.kind === "begin" || isTakenOver ? [{ record, i }] : [];
  });
  return begins.map(({ record, i }, n) => {
    const own = records.slice(i, begins[n + 1]?.i);
    const last = own.at(-1) ?? record;
    return {
      startedAt: record.at,
      endedAt: last.at,
      operator: record.operator,
      isPaused: last.kind === "end" && last.end === "paused",
    };
  });
}
