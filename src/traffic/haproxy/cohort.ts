import { isDeepStrictEqual } from "node:util";
import type { Cohort, CohortMatch } from "../../plan/traffic.ts";
import { Problem, exits } from "../../problem.ts";
import type { MapRow } from "./show.ts";

/** A cohort as rows of the three maps; no rows: no cohort. */
export interface CohortMaps {
  readonly value: readonly MapRow[];
  readonly match: readonly MapRow[];
  readonly servers: readonly MapRow[];
}

export const noCohort: CohortMaps = { value: [], match: [], servers: [] };

/** What rand() draws from in the configuration: shared evenly by 1 to 6 servers. */
export const draws = 60;

/** `names`: the servers of the cohort as haproxy calls them. Problem: TRAFFIC_COHORT. */
export function cohortMaps({ match }: Cohort, names: readonly string[]): CohortMaps {
  const { regex } = match;
  if (/[\0\r\n]/.test(regex)) throw unfit(match, "It holds a line break or a null byte.");
  const what = "header" in match ? match.header : match.cookie;
  if (!/^[!#$%&'*+.^`|~\w-]+$/.test(what)) throw unfit(match, `"${what}" cannot be a name.`);
  return {
    value: [{ key: "header" in match ? headerPattern(what) : cookiePattern(what), value: "\\1" }],
    match: [{ key: wordOf(regex), value: encodeURIComponent(JSON.stringify(match)) }],
    servers: Array.from({ length: draws }, (_, i) => ({
      key: String(i),
      value: names[i % names.length] ?? "",
    })),
  };
}

/** null: no cohort. Servers as haproxy calls them. */
export function readCohort(
  maps: CohortMaps,
): { readonly match: CohortMatch; readonly names: readonly string[] } | null {
  const [row] = maps.match;
  if (row === undefined) return maps.servers.length === 0 ? null : unknown("(unknown)");
  const found = { match: decode(row), names: [...new Set(maps.servers.map(({ value }) => value))] };
  const { value, match, servers } = maps;
  const isWhole = isDeepStrictEqual(
    { value, match, servers },
    cohortMaps({ match: found.match, servers: [] }, found.names),
  );
  return isWhole ? found : unknown(row.key);
}

/** Half of a cohort, or one that somebody else wrote: without servers it equals none that is wanted. */
function unknown(regex: string): { readonly match: CohortMatch; readonly names: readonly string[] } {
  return { match: { header: "(unknown)", regex }, names: [] };
}

function decode(row: MapRow): CohortMatch {
  try {
    const value: unknown = JSON.parse(decodeURIComponent(row.value));
    if (isMatch(value)) return value;
  } catch {
    // Not ours.
  }
  return { header: "x", regex: "" };
}

function isMatch(value: unknown): value is CohortMatch {
  if (typeof value !== "object" || value === null || !("regex" in value)) return false;
  return typeof value.regex === "string" && ("header" in value || "cookie" in value);
}

/** All headers are one text with a line for each; the value is its first group. */
function headerPattern(name: string): string {
  return `(?im)^${literal(name)}:[\\x20\\x09]*([^\\r\\n]*)`;
}

function cookiePattern(name: string): string {
  return `(?im)^cookie:(?:[^\\r\\n]*?;)?[\\x20\\x09]*(?-i:${literal(name)})=([^;\\r\\n]*)`;
}

function literal(text: string): string {
  return text.replaceAll(/[^\w]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** A key of a map is one word that does not begin like a comment. */
function wordOf(regex: string): string {
  const word = regex.replaceAll(/\\[^]|[ \t\v\f]/g, (found) => {
    const char = found.at(-1) ?? "";
    return /[ \t\v\f]/.test(char) ? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}` : found;
  });
  return word === "" ? "(?:)" : word.replace(/^#/, "\\x23");
}

export function unfit(match: CohortMatch, why: string): Problem {
  return new Problem({
    code: "TRAFFIC_COHORT",
    what: `haproxy cannot use the regular expression of the cohort: ${JSON.stringify(match.regex)}.`,
    why,
    fix: "Correct rollout: canary: match: in the config.",
    state: "The balancer does what it did before; nothing was changed on it.",
    exit: exits.refused,
  });
}
