import type { Effect, Outcome } from "./effect.ts";
import type { Observed, Wish } from "./fleet.ts";
import type { Watch } from "./decision.ts";
import type { Finding, JournalRecord } from "./record.ts";

/** The fleet as the execute loop sees it; adapters: local, ssh, sim. One contract suite runs against each. */
export interface Fleet {
  /** Raises the epoch everywhere (the barrier) and returns the one claimed; throws Problem LOCK_STALE when overtaken. */
  raiseEpoch(operator: string): Promise<number>;
  observe(): Promise<Observed>;
  /** `signal`: the operator wants to stop; an adapter may end a build or hook early (refused, code INTERRUPTED). */
  apply(effect: Effect, epoch: number, signal?: AbortSignal): Promise<Outcome>;
  /** Takes a wish away from every host, after it was journaled; a later one stays. */
  clearWish?(wish: Wish): Promise<void>;
}

/** Compares two releases while a stage is watched. */
export interface Judge {
  /**
   * Gathers evidence for about a second. A finding is journaled and then decided upon: harm as soon as it is certain, anything
   * else when the time is over. `known`: what the journal has of the evidence so far.
   */
  watch(watch: Watch, known: unknown, signal?: AbortSignal): Promise<Finding | null>;
}

/**
 * Durable, append-only; append returns after fsync. Append is a compare-and-set on the tail last read or written: when
 * somebody else has appended since, nothing is written and it throws Problem LOCK_STALE. `read` moves to the present tail.
 */
export interface Journal {
  append(record: JournalRecord): Promise<void>;
  read(): Promise<readonly JournalRecord[]>;
}
