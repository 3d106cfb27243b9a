import type { End, Goal } from "../plan/record.ts";
import { isProblem, Problem, type ProblemDetail } from "../problem.ts";

const fix = "See who it is with cutover history; cutover resume or cutover abort takes the deployment back.";
const state = "This command stopped at once and changed nothing more.";

/** Somebody else has written to it since this operator last read it: where one epoch fences all, only a test can do that. */
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
export function unwritableJournalProblem(id: string, causes: readonly unknown[]): Problem {
  return new Problem(
    {
      code: "JOURNAL_UNWRITABLE",
      what: `The journal of deployment ${id} could not be written, so nothing more is done.`,
      why: textsOf(causes),
      fix: `${repairOf(causes)} Then cutover resume finishes it, cutover abort undoes it.`,
    },
    { cause: causes[0] },
  );
}

/** Who could not be reached says how to reach it; where a disk refused, it is the disk. */
function repairOf(causes: readonly unknown[]): string {
  const [fix] = causes.flatMap((cause) => (isProblem(cause) ? (cause.detail.fix ?? []) : []));
  return fix ?? "Make it possible (df -h, df -i, the owner of the directory, the network).";
}

export function unreadableJournalProblem(id: string, causes: readonly unknown[]): Problem {
  return new Problem(
    {
      code: "JOURNAL_UNREADABLE",
      what: `The journal of deployment ${id} cannot be read on most of the hosts that keep it.`,
      why: textsOf(causes),
      fix: "Make those hosts reachable and the journal readable, then try again.",
      state: "Nothing was changed.",
      exit: 3,
    },
    { cause: causes[0] },
  );
}

export function unreadableHistoryProblem(causes: readonly unknown[]): Problem {
  return new Problem(
    {
      code: "JOURNAL_UNREADABLE",
      what: "The journals cannot be read on any host.",
      why: textsOf(causes),
      fix: "Make one of the hosts reachable, then try again.",
      state: "Nothing was changed.",
      exit: 3,
    },
    { cause: causes[0] },
  );
}

/** One host's copy; the others may do. */
export function behindProblem(host: string, id: string, cause?: unknown): Problem {
  const why = cause === undefined ? "it holds other lines than this operator's" : textsOf([cause]);
  return new Problem({
    code: "JOURNAL_UNWRITABLE",
    what: `The journal of deployment ${id} on ${host} could not be written: ${why}`,
  });
}

function textsOf(causes: readonly unknown[]): string {
  return causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join(" ");
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
