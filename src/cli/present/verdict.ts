import type { CutoverEvent } from "../../plan/event.ts";

/** A verdict as it stays on the screen; what is open says nothing yet. */
export function verdictLines({
  verdict,
  why,
  evidence,
  isDryRun,
}: Extract<CutoverEvent, { event: "judge" }>): readonly string[] {
  if (verdict === "open") return [];
  const dry = isDryRun ? " (dry run: nothing follows from it)" : "";
  // The problem that harm ends in has the evidence.
  const lines = verdict === "sound" || isDryRun ? evidence : [];
  return [`${why}${dry}`, ...lines];
}
