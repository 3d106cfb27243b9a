import { foldFacts } from "../../plan/facts.ts";
import type { End, Goal, JournalRecord } from "../../plan/record.ts";
import type { ProblemDetail } from "../../problem.ts";

/** What to do about a deployment that nobody carries out any more, a sentence each. */
export function wayOutOf(goal: Goal, end: End | null, problem: ProblemDetail | null): readonly string[] {
  const { release, previous } = goal;
  const own = problem?.fix === undefined ? [] : [problem.fix];
  if (end === "new") return wayBack(goal);
  if (end === "old") return own.length > 0 ? own : ["Correct the release, then deploy again."];
  return own.length > 0
    ? own
    : [
        `cutover resume goes on to release ${release}.`,
        `cutover abort goes back to ${previous ?? "nothing being live"}.`,
      ];
}

/** Whoever rolled back left a release that was not wanted: the way out is a better one, not the same again. */
function wayBack({ kind, release, previous }: Goal): readonly string[] {
  if (previous === null || previous === release) return [];
  return kind === "rollback" && previous > release
    ? [
        `Correct what was wrong with release ${previous}, then deploy again.`,
        `If nothing was wrong with it: cutover rollback ${previous} makes it live again as it was.`,
      ]
    : [`cutover rollback ${previous} goes back to the release before.`];
}

/** What can be done about one that is under way. */
export function waysNow({ previous }: Goal, records: readonly JournalRecord[]): readonly string[] {
  const { direction, promoted } = foldFacts(records);
  if (direction === "back") return ["It goes back by itself; cutover pause stops it where it is."];
  if (promoted) return ["The new release stays; what is left of the old one is being cleared away."];
  return [
    "cutover pause stops it where it is, from any terminal.",
    `cutover abort turns it back to ${previous ?? "nothing being live"}, from any terminal.`,
  ];
}
