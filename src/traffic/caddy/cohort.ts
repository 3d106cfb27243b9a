import type { CohortMatch } from "../../plan/traffic.ts";
import { Problem, exits } from "../../problem.ts";

/** The variable that holds what a cohort's regular expression is about. */
export function cohortSource(match: CohortMatch): string {
  return "header" in match
    ? `{http.request.header.${match.header}}`
    : `{http.request.cookie.${match.cookie}}`;
}

/** Problem: TRAFFIC_COHORT. */
export function refuseUnfit(match: CohortMatch): void {
  if (/[\0\r\n]/.test(match.regex)) throw unfit(match, "It holds a line break or a null byte.");
  if (match.regex.includes("`") && match.regex.includes('\\"'))
    throw unfit(match, 'It holds both ` and \\", which cannot be written in a Caddyfile.');
  const name = "header" in match ? match.header : match.cookie;
  if (!/^[!#$%&'*+.^|~\w-]+$/.test(name)) throw unfit(match, `"${name}" cannot be a name.`);
}

function unfit(match: CohortMatch, why: string): Problem {
  return new Problem({
    code: "TRAFFIC_COHORT",
    what: `Caddy cannot use the cohort's match: ${JSON.stringify(match)}.`,
    why,
    fix: "Correct rollout: canary: match: in the config.",
    state: "The balancer does what it did before; nothing was changed on it.",
    exit: exits.refused,
  });
}
