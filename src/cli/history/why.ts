import type { Deployment } from "../../execute/history.ts";

/** Why a deployment ended as it did. Nothing follows from a dry run, so that harm is told as what was only seen. */
export function whyOf({ problem, verdicts }: Pick<Deployment, "problem" | "verdicts">): string {
  if (problem !== null) return problem.what;
  const told =
    verdicts.findLast(({ isDryRun, verdict }) => isDryRun && verdict === "harm") ?? verdicts.at(-1);
  if (told === undefined) return "";
  return told.isDryRun ? `In a dry run the judge found ${told.verdict}: ${told.why}` : told.why;
}
