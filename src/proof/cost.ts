import type { Proof } from "./proof.ts";

/** What the runs in which a deployment was measured cost together, from the first change on. */
export interface Cost {
  readonly sent: number;
  readonly failed: number;
  /** Kind of failure -> how many. */
  readonly failedBy: ReadonlyMap<string, number>;
  /** null: nothing was timed. */
  readonly longestGapMs: number | null;
  /** Tries that balancers repeated; null: none counted them. */
  readonly repeated: number | null;
  /** A balancer stood between that did not count. */
  readonly isUncounted: boolean;
}

export function costOf(parts: readonly Proof[]): Cost {
  const stats = parts.flatMap(({ during, after }) => [during, after]);
  const failedBy = new Map<string, number>();
  for (const [name, count] of stats.flatMap((one) => Object.entries(one.failedBy)))
    failedBy.set(name, (failedBy.get(name) ?? 0) + count);
  const gaps = parts.flatMap(({ during }) => during.longestGapMs ?? []);
  const counted = parts.flatMap(({ balancer }) => balancer ?? []);
  return {
    sent: stats.reduce((sum, one) => sum + one.sent, 0),
    failed: stats.reduce((sum, one) => sum + one.failed, 0),
    failedBy,
    longestGapMs: gaps.length === 0 ? null : Math.max(...gaps),
    repeated:
      counted.length === 0
        ? null
        : counted.reduce((sum, { retries, redispatches }) => sum + retries + redispatches, 0),
    isUncounted: parts.some(({ isUncounted }) => isUncounted === true),
  };
}
