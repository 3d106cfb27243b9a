import { createHash } from "node:crypto";

/**
 * Groups of servers that a balancer knows before they are needed: within a group it takes turns and tries another server when one
 * fails. Heads and tails of the list, each server alone, and all but one: halves, canaries and a drained host are among them.
 */
export function declareGroups(servers: readonly string[]): readonly (readonly string[])[] {
  const count = servers.length;
  const all = servers.flatMap((server, i) => [
    servers.slice(0, count - i),
    servers.slice(i),
    [server],
    servers.filter((other) => other !== server),
  ]);
  const byKey = new Map(all.filter((group) => group.length > 0).map((group) => [group.join("\n"), group]));
  return [...byKey.values()];
}

export interface Part {
  readonly group: readonly string[];
  /** Of all buckets. */
  readonly count: number;
}

/** The same servers have the same name whatever else the backend has. */
export function groupName(prefix: string, group: readonly string[]): string {
  return group.length === 0 ? `${prefix}_none` : `${prefix}_${shortDigest(group.join("\n"))}`;
}

export function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}

/** Divides the buckets among declared groups by the weights of their servers; empty: no server has a weight. */
export function divide(weights: Readonly<Record<string, number>>, buckets: number): readonly Part[] {
  const servers = Object.keys(weights);
  const groups = declareGroups(servers);
  const classes = [...new Set(Object.values(weights))].filter((weight) => weight > 0);
  const wanted = classes.flatMap((weight) => {
    const own = servers.filter((server) => weights[server] === weight);
    return cover(own, groups).map((group) => ({ group, weight: weight * group.length }));
  });
  const counts = apportion(
    wanted.map(({ weight }) => weight),
    buckets,
  );
  return wanted.map(({ group }, i) => ({ group, count: counts[i] ?? 0 }));
}

/** Largest declared groups first; every server alone is declared, so that nothing is left over. */
function cover(servers: readonly string[], groups: readonly (readonly string[])[]): (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  let left = servers;
  while (left.length > 0) {
    const fitting = groups.filter((group) => group.every((server) => left.includes(server)));
    const largest = fitting.reduce((best, group) => (group.length > best.length ? group : best), []);
    parts.push(largest);
    left = left.filter((server) => !largest.includes(server));
  }
  return parts;
}

/** Whole buckets in proportion, the largest remainders rounded up; a weight above 0 gets at least one. */
function apportion(weights: readonly number[], buckets: number): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const exact = weights.map((weight) => (weight / sum) * buckets);
  const counts = exact.map((share) => Math.max(1, Math.floor(share)));
  for (let total = add(counts); total !== buckets; total = add(counts)) {
    const step = Math.sign(buckets - total);
    const misses = exact.map((share, i) =>
      step < 0 && counts[i] === 1 ? -Infinity : step * (share - (counts[i] ?? 0)),
    );
    const worst = misses.indexOf(Math.max(...misses));
    counts[worst] = (counts[worst] ?? 0) + step;
    if (weights.length === 0) return [];
  }
  return counts;
}

function add(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
