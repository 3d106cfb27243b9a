import type { JournalRecord } from "../../plan/record.ts";
import type { ProblemDetail } from "../../problem.ts";
import { printable } from "../present/problem.ts";

/** Something that went wrong on the way, once, with the hosts it was found on. */
export interface Found {
  readonly problem: ProblemDetail;
  readonly hosts: readonly string[];
}

/** Why it ended as it did comes first, then every refusal. */
export function findingsOf(
  records: readonly JournalRecord[],
  problem: ProblemDetail | null,
): readonly Found[] {
  const found = new Map<string, { problem: ProblemDetail; hosts: string[] }>();
  const add = (detail: ProblemDetail, host?: string): void => {
    const one = printed(detail);
    const key = `${one.code} ${one.what}`;
    const known = found.get(key) ?? { problem: one, hosts: [] };
    if (host !== undefined && !known.hosts.includes(host)) known.hosts.push(host);
    found.set(key, known);
  };
  if (problem !== null) add(problem);
  for (const record of records) {
    if (record.kind === "turn") add(record.problem);
    if (record.kind === "outcome" && record.outcome.outcome === "refused")
      add(record.outcome.problem, record.effect.host);
  }
  return [...found.values()];
}

/** Programs paint their log lines. */
function printed(detail: ProblemDetail): ProblemDetail {
  const { what, why, evidence } = detail;
  return {
    ...detail,
    what: printable(what),
    ...(why === undefined ? {} : { why: printable(why) }),
    ...(evidence === undefined
      ? {}
      : { evidence: evidence.flatMap((text) => text.replace(/\n$/, "").split("\n")).map(printable) }),
  };
}
