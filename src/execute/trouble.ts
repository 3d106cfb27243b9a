import type { End, Goal } from "../plan/record.ts";
import { Problem, type ProblemDetail } from "../problem.ts";

const fix = "See who it is with cutover history; cutover resume or cutover abort takes the deployment back.";
const state = "This command stopped at once and changed nothing more.";

export function staleJournalProblem(path: string): Problem {
  return new Problem({
    code: "LOCK_STALE",
    what: "Somebody newer is in charge of this deployment.",
    why: `Another operator has written to ${path} since this one last read it.`,
    fix,
    state,
    exit: 6,
  });
}

/** Without the journal nothing more may happen: every effect is written ahead. The state is for the caller to tell. */
export function unwritableJournalProblem(path: string, cause: Error): Problem {
  return new Problem(
    {
      code: "JOURNAL_UNWRITABLE",
      what: `The journal ${path} could not be written, so nothing more is done.`,
      why: cause.message,
      fix: "Make it possible (df -h, df -i, the owner of the directory); then cutover resume finishes, cutover abort undoes.",
    },
    { cause },
  );
}

export function staleEpochProblem(host: string, mine: number, theirs: number): Problem {
  return new Problem({
    code: "LOCK_STALE",
    what: "Somebody newer is in charge of this deployment.",
    why: `${host} has accepted epoch ${theirs}; this operator holds ${mine}.`,
    fix,
    state,
    exit: 6,
  });
}

export function endedProblem(goal: Goal, end: End): Problem {
  const outcome = end === "new" ? "with the new release serving" : "undone";
  return new Problem({
    code: "NOTHING_TO_RESUME",
    what: `Deployment ${goal.id} of release ${goal.release} has already ended, ${outcome}.`,
    fix: end === "new" ? "To go back to the release before, use cutover rollback." : "Deploy again.",
    state: "Nothing was changed.",
    exit: 3,
  });
}

export function interruptedProblem(goal: Goal): ProblemDetail {
  return {
    code: "INTERRUPTED",
    what: `The deployment of release ${goal.release} was interrupted.`,
    fix: "cutover resume finishes it, cutover abort undoes it.",
    state: `Deployment ${goal.id} is not ended; what has been switched so far keeps serving.`,
    exit: 6,
  };
}
