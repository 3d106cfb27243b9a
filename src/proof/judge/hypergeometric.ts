import { lnChoose, lnSum } from "./logarithm.ts";
import type { Table } from "./tick.ts";

/**
 * ln P(bad events of the canary | totals of both arms, bad events of both together) when the odds of a bad event are each of
 * `oddsRatios` times those of the control: Fisher's noncentral hypergeometric law. The unknown base rate cancels.
 */
export function lnConditional(table: Table, oddsRatios: readonly number[]): number[] {
  const { canary, control } = table;
  const events = canary.bad + control.bad;
  const least = Math.max(0, events - control.total);
  const ways: number[] = [];
  for (let bad = least; bad <= Math.min(events, canary.total); bad++) {
    ways.push(lnChoose(canary.total, bad) + lnChoose(control.total, events - bad));
  }
  return oddsRatios.map((oddsRatio) => {
    const lnOdds = Math.log(oddsRatio);
    const weights = ways.map((way, i) => way + (least + i) * lnOdds);
    return (weights[canary.bad - least] ?? 0) - lnSum(weights);
  });
}

/** False for a table whose margins alone determine it: it says nothing about the arms. */
export function isInformative({ canary, control }: Table): boolean {
  const events = canary.bad + control.bad;
  const total = canary.total + control.total;
  return canary.total > 0 && control.total > 0 && events > 0 && events < total;
}
