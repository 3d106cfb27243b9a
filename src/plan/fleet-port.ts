import type { Effect, Outcome } from "./effect.ts";
import type { Observed } from "./fleet.ts";
import type { JournalRecord } from "./record.ts";

/** The fleet as the execute loop sees it; adapters: local, ssh, sim. One contract suite runs against each. */
export interface Fleet {
  /** Raises the epoch everywhere (the barrier) and returns the one claimed; throws Problem LOCK_STALE when overtaken. */
  raiseEpoch(operator: string): Promise<number>;
  observe(): Promise<Observed>;
  apply(effect: Effect, epoch: number): Promise<Outcome>;
}

/** Durable, append-only; append returns after fsync. */
export interface Journal {
  append(record: JournalRecord): Promise<void>;
  read(): Promise<readonly JournalRecord[]>;
}
