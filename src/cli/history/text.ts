import { shortDuration } from "../present/duration.ts";
import type { DeliveryFigures } from "./figures.ts";

const dayMs = 86_400_000;

/** The figures in sentences; none when nothing was deployed. */
export function figureLines(figures: DeliveryFigures): readonly string[] {
  const { live, perWeek, leadMs, leadKnown, changes, caught } = figures;
  if (live + changes + caught === 0) return [];
  return [
    spanText(figures),
    `  Deployment frequency: ${plural(live, "deploy")} went live, ${Number(perWeek.toFixed(1))} a week.`,
    leadMs === null
      ? "  Lead time: not known, because no deployed revision is a commit that this machine or a server has seen (files with changes, or an artifact)."
      : `  Lead time, from commit to live: ${shortDuration(leadMs)} (median of ${leadKnown}).`,
    `  Change failure rate: ${rate(figures)}`,
    `  Time to restore: ${restore(figures)}`,
  ];
}

/** Figures of less than was asked for say so. */
function spanText({ from, to, newest }: DeliveryFigures): string {
  const ms = to - from;
  const last = ms < dayMs ? shortDuration(ms) : plural(Math.round(ms / dayMs), "day");
  return newest === null
    ? `In the last ${last}:`
    : `In the last ${last}, with the newest ${newest} deployments (-n ${2 * newest} reads more):`;
}

function rate({ changes, failed, failureRate, caught }: DeliveryFigures): string {
  const stopped =
    caught === 0
      ? ""
      : ` ${caught} more ${caught === 1 ? "was" : "were"} stopped before any client met ${caught === 1 ? "it" : "them"}.`;
  if (failureRate === null) return `no deploy reached clients.${stopped}`;
  return `${Math.round(failureRate * 100)} % (${failed} of ${changes} that reached clients).${stopped}`;
}

function restore({ failed, restoreMs }: DeliveryFigures): string {
  if (failed === 0) return "nothing had to be restored.";
  if (restoreMs === null) return "not restored yet.";
  return `${shortDuration(restoreMs)} (median), from the first client on the failed release until another one served.`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
