import type { Result, Steering } from "../../execute/loop.ts";
import { type Exit, exits, Problem, type ProblemDetail } from "../../problem.ts";
import type { Io } from "../command.ts";

/** How a run ended as data, and as an exit code; a failure is thrown for the one renderer. */
export function settle(result: Result, io: Io, command?: Steering): Exit {
  const { goal, end, problem, ms } = result;
  io.result({ id: goal.id, kind: goal.kind, release: goal.release, previous: goal.previous, end, ms });
  if (end === "new" || (end === "old" && command === "abort")) return exits.done;
  if (command === "pause" && problem?.code === "DEPLOY_PAUSED") return exits.done;
  throw new Problem({ ...(problem ?? silentEnd(result)), exit: exitOf(result) });
}

function exitOf({ end, problem }: Result): Exit {
  if (end === "old") return exits.failedOldServes;
  if (end === "interrupted") return exits.interrupted;
  return problem?.exit ?? exits.needsAttention;
}

function silentEnd({ goal, end }: Result): ProblemDetail {
  return {
    code: "DEPLOY_UNDONE",
    what: `Deployment ${goal.id} ended with ${end === "old" ? "the old release" : "a pause"}.`,
    fix: "See what happened: cutover history",
  };
}
