import type { CohortMatch } from "../../plan/traffic.ts";
import { Problem, exits } from "../../problem.ts";
import { literal, quote } from "./tokens.ts";

/** Lines that set `$<prefix>_who` to "cohort" or "everyone". Problem: TRAFFIC_COHORT. */
export function cohortLines(match: CohortMatch | undefined, prefix: string): string[] {
  if (match === undefined) return [`map "" $${prefix}_who { default everyone; }`];
  refuseUnfit(match);
  const header = "header" in match;
  const value = header ? `$http_${match.header.toLowerCase().replaceAll("-", "_")}` : `$${prefix}_cookie`;
  return [
    ...(header ? [] : cookieLines(match.cookie, prefix)),
    `map ${value} $${prefix}_who {`,
    `    default everyone;`,
    `    "" everyone;`,
    `    ${quote(`~${match.regex}`)} cohort;`,
    `}`,
  ];
}

function cookieLines(name: string, prefix: string): string[] {
  const pattern = `~(?:^|;)\\s*${literal(name)}=(?<cutover_value>[^;]*)`;
  return [`map $http_cookie $${prefix}_cookie {`, `    ${quote(pattern)} $cutover_value;`, `}`];
}

function refuseUnfit(match: CohortMatch): void {
  if (/[\0\r\n]/.test(match.regex)) throw unfit(match, "It holds a line break or a null byte.");
  if (match.regex.startsWith("*")) throw unfit(match, "There is nothing to repeat before its first *.");
  if ("header" in match && !/^[A-Za-z0-9-]+$/.test(match.header))
    throw unfit(match, `nginx reads headers of letters, digits and hyphens, not "${match.header}".`);
  if ("cookie" in match && !/^[!#$%&'*+.^`|~\w-]+$/.test(match.cookie))
    throw unfit(match, `"${match.cookie}" cannot be the name of a cookie.`);
}

function unfit(match: CohortMatch, why: string): Problem {
  return new Problem({
    code: "TRAFFIC_COHORT",
    what: `nginx cannot use the cohort's match: ${JSON.stringify(match)}.`,
    why,
    fix: "Correct rollout: canary: match: in the config.",
    state: "The balancer does what it did before; nothing was changed on it.",
    exit: exits.refused,
  });
}
