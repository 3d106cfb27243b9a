import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outcome } from "../plan/effect.ts";
import { Problem, exits } from "../problem.ts";
import { writeDurably } from "../release/durable.ts";
import { hasCode } from "../release/file-problem.ts";
import { takeLock } from "./flock.ts";

/** An effect of epoch e is applied only while no epoch above e was accepted here; checked and applied under one lock. */
const raiseWaitMs = 30_000;

export type Stale = Extract<Outcome, { outcome: "stale" }>;

/** The epoch accepted last in `<dir>/epoch`; 0 before the first. Problem: EPOCH_UNREADABLE. */
export async function readEpoch(dir: string): Promise<number> {
  const file = join(dir, "epoch");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return "0";
    throw error;
  });
  const epoch = Number(/^\d+/.exec(text)?.[0]);
  if (Number.isSafeInteger(epoch)) return epoch;
  throw new Problem({
    code: "EPOCH_UNREADABLE",
    what: `${file} does not hold a number, so cutover cannot tell an old operator from the present one.`,
    fix: `Make sure that no deployment runs, then write one above every epoch in the journal: echo 1000000 > ${file}`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

export interface Raised {
  readonly accepted: boolean;
  /** The one in force now. */
  readonly epoch: number;
}

/** Accepts `epoch` where none as high was accepted, after whatever effect is being applied has ended. Problem: EPOCH_BUSY. */
export async function raiseEpoch(dir: string, epoch: number, operator: string): Promise<Raised> {
  return locked(dir, "exclusive", async () => {
    const present = await readEpoch(dir);
    if (epoch <= present) return { accepted: false, epoch: present };
    await writeDurably(join(dir, "epoch"), `${epoch} ${JSON.stringify(operator)}\n`);
    return { accepted: true, epoch };
  });
}

/** Applies `run` unless an epoch above `epoch` was accepted; nobody can raise it meanwhile, other effects may run beside it. */
export async function underEpoch<T>(dir: string, epoch: number, run: () => Promise<T>): Promise<T | Stale> {
  return locked(dir, "shared", async () => {
    const accepted = await readEpoch(dir);
    return accepted > epoch ? { outcome: "stale", epoch: accepted } : run();
  });
}

async function locked<T>(dir: string, mode: "exclusive" | "shared", run: () => Promise<T>): Promise<T> {
  const lock = await takeLock(join(dir, "epoch.lock"), raiseWaitMs, mode);
  if (lock === null) throw busy(dir, raiseWaitMs);
  try {
    return await run();
  } finally {
    await lock.release();
  }
}

function busy(dir: string, waitMs: number): Problem {
  return new Problem({
    code: "EPOCH_BUSY",
    what: `Another operator has been applying a step to ${dir} for more than ${waitMs / 1000} s.`,
    fix: "Wait for it, or end that cutover process on this host, then run `cutover resume`.",
    state: "Nothing was changed by this command.",
    exit: exits.refused,
  });
}
