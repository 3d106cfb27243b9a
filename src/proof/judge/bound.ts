import type { Count } from "./tick.ts";
import { lnChoose, lnSum } from "./logarithm.ts";

/** The exact (Clopper-Pearson) bounds of a share; each is wrong with probability `alpha` at most. */
export function boundsOf(count: Count, alpha: number): { readonly lower: number; readonly upper: number } {
  const { total, bad } = count;
  return {
    lower: bad === 0 ? 0 : solve((share) => 1 - tail(total, bad - 1, share) - alpha),
    upper: bad >= total ? 1 : solve((share) => alpha - tail(total, bad, share)),
  };
}

/** P(at most `bad` of `total`). */
function tail(total: number, bad: number, share: number): number {
  const terms: number[] = [];
  for (let k = 0; k <= bad; k++) {
    terms.push(lnChoose(total, k) + k * Math.log(share) + (total - k) * Math.log1p(-share));
  }
  return Math.exp(lnSum(terms));
}

/** Where a rising function of a share crosses zero. */
function solve(rising: (share: number) => number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
