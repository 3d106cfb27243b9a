import { isProblem, type Problem } from "../problem.ts";

/** The host could not be asked, or its answer did not arrive: nobody knows what happened there. */
export function isLost(error: unknown): error is Problem {
  return isProblem(error) && /^(CONNECTION_LOST|HOST_|SSH_|NODE_MISSING|AGENT_)/.test(error.detail.code);
}
