import type { Facts } from "../../plan/facts.ts";
import { isDryRun } from "../../plan/judgement.ts";
import { runsHere } from "../../plan/phase.ts";
import type { Goal, JournalRecord } from "../../plan/record.ts";
import { rolloutOf } from "../../plan/rollout.ts";
import type { Moment } from "./moments.ts";

/** More at once are told by the first and the last of them. */
const mostTold = 4;

/** What a record of a stage says after what was known: forward it was reached; back it was undone, with those above it. */
export function stageText(goal: Goal, { direction, stage: highest }: Facts, stage: number): string {
  const all = rolloutOf(goal).stages.map(({ says }) => says);
  const own = all[stage];
  if (direction === "forward") return `Stage ${stage + 1} reached${own === undefined ? "" : `: ${own}`}`;
  const last = Math.min(highest, all.length - 1);
  if (last <= stage) return `Stage ${stage + 1}${own === undefined ? "" : ` (${own})`} is undone`;
  const says = all.slice(stage, last + 1);
  const told = says.length > mostTold ? [...says.slice(0, 1), "...", ...says.slice(-1)] : says;
  return `Stages ${stage + 1} to ${last + 1} (${told.join("; ")}) are undone`;
}

/** What the clients met when the judge found something there. */
export function seenWhen(goal: Goal, { switchedAt }: Facts, stage: number): string | undefined {
  if (switchedAt !== null) return "Seen after everything was switched.";
  const says = rolloutOf(goal).stages[stage]?.says;
  return says === undefined ? undefined : `Seen with ${says}.`;
}

/** That it went on is no proof of harmlessness where nobody watched, or where harm was found and nothing followed. */
export function sayPromoted(before: readonly JournalRecord[], goal: Goal): Pick<Moment, "says" | "tone"> {
  const found = new Map(
    before.flatMap((record) => (record.kind === "verdict" ? [[record.stage, record.verdict]] : [])),
  );
  const what = goal.kind === "rollback" ? "release" : "new release";
  const isWatched = goal.spec.bakeMs > 0 && goal.spec.services.some(runsHere);
  if ([...found.values()].includes("harm")) {
    const until = isWatched ? "Watched to the end: the" : "The";
    const dry = isDryRun(goal) ? " (dry run)" : "";
    return { says: `${until} ${what} stays, although the judge found harm${dry}`, tone: "plain" };
  }
  const until = isWatched ? "Watched to the end without harm: the" : "The";
  return { says: `${until} ${what} stays`, tone: "good" };
}
