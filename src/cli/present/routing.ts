import type { CohortMatch, Routing } from "../../plan/traffic.ts";
import { nameHosts } from "./hosts.ts";

/** Who gets which share of the new requests, together: "95% to web2, web3; 5% to web1; none to web4". */
export function describeRouting({ weights, cohort }: Routing): string {
  const services = new Map<string, string[]>();
  for (const [service, servers] of Object.entries(weights)) {
    const text = describeShares(servers);
    services.set(text, [...(services.get(text) ?? []), service]);
  }
  const shares = [...services].map(([text, names]) =>
    services.size === 1 ? text : `${names.join(" and ")}: ${text}`,
  );
  const first =
    cohort === undefined ? [] : [`${describeMatch(cohort.match)} to ${nameHosts(cohort.servers)}`];
  return [...first, ...shares].join("; ");
}

function describeShares(servers: Readonly<Record<string, number>>): string {
  const total = Object.values(servers).reduce((sum, weight) => sum + weight, 0);
  const groups = new Map<number, string[]>();
  for (const [server, weight] of Object.entries(servers))
    groups.set(weight, [...(groups.get(weight) ?? []), server]);
  return [...groups]
    .toSorted(([one], [other]) => other - one)
    .map(([weight, names]) => {
      const share = (weight * names.length) / total;
      const amount =
        weight === 0 ? "none" : share < 1 ? percentText(share) : names.length > 1 ? "evenly" : "all";
      return `${amount} to ${nameHosts(names)}`;
    })
    .join("; ");
}

export function describeMatch(match: CohortMatch): string {
  const where = "header" in match ? match.header : `cookie ${match.cookie}`;
  return `${where} matching ${match.regex}`;
}

/** A share between 0 and 1. */
function percentText(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}
