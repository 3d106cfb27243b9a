import { addRecord, type OpenFacts } from "../plan/facts.ts";
import type { Emit } from "../plan/event.ts";
import type { Wish } from "../plan/fleet.ts";
import type { Fleet, Journal, Judge } from "../plan/fleet-port.ts";
import type { Goal, JournalRecord } from "../plan/record.ts";
import type { Clock } from "./clock.ts";

/** What every command that moves a deployment hands in. */
export interface Execution {
  readonly fleet: Fleet;
  /** Who is at work, for the journal: "deploy@laptop". */
  readonly operator: string;
  readonly emit: Emit;
  readonly clock: Clock;
  /** Absent: stages that ask for one end without a verdict. */
  readonly judge?: Judge | undefined;
  /** First wish to stop: before the switch it undoes, during it the present effect is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Second wish: also an undo stops after the present effect. */
  readonly again?: AbortSignal | undefined;
}

/** One operator's run of one deployment. */
export interface Run {
  readonly execution: Execution;
  readonly goal: Goal;
  readonly journal: Journal;
  readonly facts: OpenFacts;
  readonly startedAt: number;
  epoch: number;
  /** The first wish to stop was answered. */
  interrupted: boolean;
  /** Last hold that was told. */
  heldUntil: number;
  /** The wish seen last, which is in the journal. */
  wish: Wish | undefined;
}

export function newRun(run: Omit<Run, "interrupted" | "heldUntil" | "wish">): Run {
  return { ...run, interrupted: false, heldUntil: 0, wish: undefined };
}

export type NewRecord = JournalRecord extends infer R ? (R extends unknown ? Omit<R, "at"> : never) : never;

/** Write-ahead: on disk first, then in the facts. */
export async function write(run: Run, record: NewRecord): Promise<void> {
  const dated: JournalRecord = { at: run.execution.clock.now(), ...record };
  await run.journal.append(dated);
  addRecord(run.facts, dated);
}
