import { Problem, exits, isProblem } from "../../problem.ts";
import type { Exit } from "../../problem.ts";

/** Worst first. */
const severity: readonly Exit[] = [
  exits.bug,
  exits.needsAttention,
  exits.failedOldServes,
  exits.refused,
  exits.usage,
];

/**
 * Does `work` for every item at once and waits for all. One failure is thrown as it is; several become one, with the exit
 * code of the worst.
 */
export async function together<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(items.map(work));
  const failures = results.flatMap((result): unknown[] =>
    result.status === "rejected" ? [result.reason] : [],
  );
  if (failures.length === 0) return;
  const bug = failures.find((error) => !isProblem(error));
  if (bug !== undefined) throw new Error("unexpected failure", { cause: bug });
  const [first, ...others] = failures.filter(isProblem);
  if (first !== undefined) throw others.length === 0 ? first : summary([first, ...others], items.length);
}

function summary(all: readonly Problem[], total: number): Problem {
  const problems = all.map(({ detail }) => detail);
  const exit = severity.find((code) =>
    problems.some((problem) => (problem.exit ?? exits.failedOldServes) === code),
  );
  return new Problem({
    code: "SERVICES_FAILED",
    what: `${String(problems.length)} of ${String(total)} services failed.`,
    evidence: problems.flatMap(({ what, why, state, evidence = [] }) => [
      [what, why, state].filter((part) => part !== undefined).join(" "),
      ...evidence.slice(-10).map((line) => `  ${line}`),
    ]),
    state: "Each of the others is done; the failed ones are as told above.",
    exit,
  });
}
