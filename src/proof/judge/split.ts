import { lnFactorial } from "./logarithm.ts";
import type { Split } from "./tick.ts";

/** Requests each server got since the balancer was told these shares. */
export type SplitEvidence = Split & {
  /** ln of the highest evidence so far that the balancer does something else. */
  readonly peak: number;
};

/** New shares begin anew. */
export function addSplit(evidence: SplitEvidence | null, split: Split, tolerance: number): SplitEvidence {
  const isSame = evidence !== null && isEqual(evidence.expected, split.expected);
  const before = isSame ? evidence.counts : {};
  const servers = Object.keys(split.expected).sort();
  const counts = Object.fromEntries(
    servers.map((server) => [server, (before[server] ?? 0) + (split.counts[server] ?? 0)]),
  );
  const shares = servers.map((server) => split.expected[server] ?? 0);
  const list = servers.map((server) => counts[server] ?? 0);
  const peak = Math.max(isSame ? evidence.peak : 0, lnMismatch(list, shares, tolerance));
  return { ...split, counts, peak };
}

/**
 * ln of the evidence that the shares are not within `tolerance` times the expected ones: the multinomial likelihood averaged
 * over all shares, against the best that tolerated shares can do.
 */
function lnMismatch(counts: readonly number[], shares: readonly number[], tolerance: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const averaged =
    counts.reduce((sum, count) => sum + lnFactorial(count), 0) +
    lnFactorial(counts.length - 1) -
    lnFactorial(total + counts.length - 1);
  const best = bestShares(counts, shares, tolerance);
  const tolerated = counts.reduce(
    (sum, count, i) => sum + (count > 0 ? count * Math.log(best[i] ?? 0) : 0),
    0,
  );
  return averaged - tolerated;
}

/** The tolerated shares under which the counts are likeliest. A share of 0 means 1 in 1000 at most. */
function bestShares(counts: readonly number[], shares: readonly number[], tolerance: number): number[] {
  const most = shares.map((share) => Math.min(1, Math.max(0.001, share * tolerance)));
  const least = shares.map((share) => share / tolerance);
  const at = (scale: number): number[] =>
    counts.map((count, i) => Math.min(most[i] ?? 1, Math.max(least[i] ?? 0, count * scale)));
  let low = 0;
  let high = 1;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (at(middle).reduce((sum, share) => sum + share, 0) < 1) low = middle;
    else high = middle;
  }
  return at(high).map((share) => Math.max(share, Number.MIN_VALUE));
}

function isEqual(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
