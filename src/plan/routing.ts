import type { Cohort, CohortMatch, Routing, Weights } from "./traffic.ts";

/** Does `one` hold all of what `wanted` says? Servers that `wanted` does not name are nobody's business. */
export function equalRouting(one: Routing, wanted: Routing): boolean {
  return (
    one === wanted || (equalCohorts(one.cohort, wanted.cohort) && holdsWeights(one.weights, wanted.weights))
  );
}

function holdsWeights(weights: Weights, wanted: Weights): boolean {
  for (const [service, servers] of Object.entries(wanted)) {
    const there = weights[service];
    if (there === servers) continue;
    if (there === undefined) return false;
    for (const server in servers) if (there[server] !== servers[server]) return false;
  }
  return true;
}

function equalCohorts(one: Cohort | undefined, other: Cohort | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const servers = new Set(one.servers);
  if (servers.size !== other.servers.length || other.servers.some((server) => !servers.has(server)))
    return false;
  return matchKey(one) === matchKey(other);
}

function matchKey({ match }: Cohort): string {
  return "header" in match
    ? `header ${match.header} ${match.regex}`
    : `cookie ${match.cookie} ${match.regex}`;
}

/** "web: web1 100, web2 0; requests whose User-Agent matches Mobile to web2". */
export function describeRouting({ weights, cohort }: Routing): string {
  const parts = Object.entries(weights).map(([service, servers]) => {
    const shares = Object.entries(servers).map(([server, weight]) => `${server} ${weight}`);
    return `${service}: ${shares.join(", ")}`;
  });
  if (cohort !== undefined) parts.push(`${describeMatch(cohort.match)} to ${cohort.servers.join(", ")}`);
  return parts.join("; ");
}

export function describeMatch(match: CohortMatch): string {
  const where = "header" in match ? match.header : `cookie ${match.cookie}`;
  return `requests whose ${where} matches ${match.regex}`;
}
