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

/** Lines that only one of the two texts has, in the order of their texts. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const only = (lines: readonly string[], others: readonly string[], sign: string): readonly string[] =>
    lines.filter((line) => !others.includes(line)).map((line) => `${sign} ${line}`);
  return [...only(old, now, "-"), ...only(now, old, "+")];
}
