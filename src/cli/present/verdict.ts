import type { CutoverEvent } from "../../plan/event.ts";

/** After a verdict that changes nothing. */
export const dryRunNote = " (dry run: nothing follows from it)";

/** A verdict as it stays on the screen; what is open says nothing yet. */
export function verdictLines({
  verdict,
  why,
  evidence,
  isDryRun,
}: Extract<CutoverEvent, { event: "judge" }>): readonly string[] {
  // What follows from a bad one, the turn or the pause, tells it with all its evidence.
  if (verdict === "open" || (verdict !== "sound" && !isDryRun)) return [];
  return [`${why}${isDryRun ? dryRunNote : ""}`, ...evidence];
}
