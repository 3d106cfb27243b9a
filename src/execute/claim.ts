import { foldFacts } from "../plan/facts.ts";
import type { Journal } from "../plan/fleet-port.ts";
import type { Goal, JournalRecord } from "../plan/record.ts";
import { isProblem, Problem } from "../problem.ts";
import { staleEpochProblem } from "./trouble.ts";

/** Writes the claim behind whatever an overtaken operator still wrote; from then on its appends fail. */
export async function claimJournal(
  journal: Journal,
  claim: JournalRecord & { kind: "claim" },
): Promise<readonly JournalRecord[]> {
  for (let tries = 1; ; tries += 1) {
    const records = await journal.read();
    const { epoch } = foldFacts(records);
    if (epoch > claim.epoch) throw staleEpochProblem("The journal", claim.epoch, epoch);
    try {
      await journal.append(claim);
      return [...records, claim];
    } catch (error) {
      const isRaced = isProblem(error) && error.detail.code === "LOCK_STALE";
      if (!isRaced || tries >= 5) throw error;
    }
  }
}

export function goalOf(records: readonly JournalRecord[]): Goal {
  const [first] = records;
  if (first?.kind === "begin") return first.goal;
  throw new Problem({
    code: "JOURNAL_EMPTY",
    what: "This journal does not say what was to be deployed.",
    why: "The operator was stopped before the first record was on disk.",
    fix: "Nothing was begun, so deploy again.",
    state: "Nothing was changed.",
    exit: 3,
  });
}
