import type { ProblemDetail } from "../problem.ts";

/** What the first change of a routing does to the files of the balancer's operator. */
export function linesAdded(
  engine: string,
  files: Readonly<Record<string, { readonly before: string; readonly after: string }>>,
): ProblemDetail {
  const paths = Object.keys(files).join(", ");
  return {
    code: "TRAFFIC_LINES_ADDED",
    what: `The first change of the traffic puts cutover's lines into ${paths}, tests them and reloads ${engine} once.`,
    why: "With them weights and cohorts change without a reload. They are put there once, and nothing else is touched.",
    fix: "Nothing is to be done; cutover plan shows the lines.",
    evidence: Object.entries(files).flatMap(([path, { before, after }]) => [
      `${path}:`,
      ...changedLines(before, after),
    ]),
  };
}

/** A reload is due, and this balancer's costs connections. */
export function reloadLoses(what: string, why: string, fix: string): ProblemDetail {
  return {
    code: "TRAFFIC_RELOAD_LOSES",
    what: `${what}: a request that is on its way there at that moment is lost.`,
    why,
    fix,
  };
}

const usualFix =
  "Nothing is to be done. A cohort (rollout.canary.match) is exact all the same; steps by share go as near as the balancer can.";

/** The canary's share depends on more than weights; what a rollout by shares should know before. */
export function sharesInexact(what: string, why: string, fix: string = usualFix): ProblemDetail {
  return {
    code: "TRAFFIC_SHARES_INEXACT",
    what: `${what}, so a canary's share of the requests cannot be held exactly and the judge does not check it.`,
    why: `${why} The judge's evidence says what it leaves out.`,
    fix,
  };
}

/** The share is as told, and it is the clients who move: a release is drawn for each request. */
export function sharesUnsticky(what: string, fix: string): ProblemDetail {
  return {
    code: "TRAFFIC_SHARES_UNSTICKY",
    what: `${what}, but while a canary has a share of the requests a client meets both releases, and the judge does not check the shares.`,
    why:
      "Its release is drawn for each request, so the canary has its share, and clients stick only among servers of the same " +
      "release. What a single server gets goes by more than weights, so the judge leaves it out, and its evidence says so.",
    fix,
  };
}

/** Lines that only one of the two texts has, in the order of their texts. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const only = (lines: readonly string[], others: readonly string[], sign: string): readonly string[] =>
    lines.filter((line) => !others.includes(line)).map((line) => `${sign} ${line}`);
  return [...only(old, now, "-"), ...only(now, old, "+")];
}
