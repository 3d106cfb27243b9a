import type { Done, Outcome } from "../plan/effect.ts";
import { isProblem } from "../problem.ts";

/** Without the supervisor's reply the effect may or may not have happened, so observe again. */
const lostReplies: ReadonlySet<string> = new Set(["SUPERVISOR_LOST", "SUPERVISOR_DOWN"]);

/** A Problem is a refusal with its reason; a lost reply is unknown; anything else is a bug and thrown on. */
export async function outcomeOf(perform: () => Promise<Done>): Promise<Outcome> {
  try {
    const { notes = [], ...done } = await perform();
    return { outcome: "done", ...(notes.length === 0 ? {} : { notes }), ...done };
  } catch (error) {
    if (isProblem(error)) {
      if (lostReplies.has(error.detail.code)) return { outcome: "unknown", why: error.detail.what };
      return { outcome: "refused", problem: error.detail };
    }
    throw error;
  }
}
