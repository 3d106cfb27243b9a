import { lnMean, lnSum } from "./logarithm.ts";
import type { Rule } from "./rule.ts";
import { nothing, plus, type Count, type Table } from "./tick.ts";

/** What is known of one signal so far. Serialisable; all logarithms are finite. */
export interface Evidence {
  readonly canary: Count;
  readonly control: Count;
  /** Tables that could tell the arms apart. */
  readonly informative: number;
  /** ln of the evidence for each alternative of harm, over all beginnings that harm may have had up to now. */
  readonly harm: readonly number[];
  /** ln of the evidence against harm: by comparison and by the share itself. */
  readonly safe: readonly (readonly number[])[];
  /** The highest that each has been, for what was once refuted stays so. */
  readonly peak: { readonly harm: number; readonly safe: number };
}

/** Most of the belief is on harm from the first request; the rest is spread over all later beginnings: crashes, leaks. */
const fromTheStart = 0.75;

export function noEvidence(rule: Rule): Evidence {
  const empty: Table = { canary: nothing, control: nothing };
  const ratios = rule.ratios(empty);
  return {
    ...empty,
    informative: 0,
    harm: ratios.harm.map(() => Math.log(beginsAt(1))),
    safe: ratios.safe.map((way) => way.map(() => 0)),
    peak: { harm: 0, safe: 0 },
  };
}

export function addTable(evidence: Evidence, table: Table, rule: Rule): Evidence {
  const ratios = rule.ratios(table);
  const informative = evidence.informative + (ratios.isInformative ? 1 : 0);
  const weigh = (ln: number): number => weighed(ln, table.weight ?? 1);
  const harm = ratios.isInformative
    ? addHarm(evidence.harm, ratios.harm.map(weigh), informative)
    : evidence.harm;
  const safe = evidence.safe.map((way, i) => way.map((value, j) => value + weigh(ratios.safe[i]?.[j] ?? 0)));
  return {
    canary: plus(evidence.canary, table.canary),
    control: plus(evidence.control, table.control),
    informative,
    harm,
    safe,
    peak: {
      harm: Math.max(evidence.peak.harm, harmOf(harm, informative)),
      safe: Math.max(evidence.peak.safe, ...safe.map(lnMean)),
    },
  };
}

/** Bursts take from what speaks for a conclusion and never from what speaks against it, so no weight makes either likelier. */
function weighed(ln: number, weight: number): number {
  return ln > 0 ? ln * weight : ln;
}

function addHarm(harm: readonly number[], ratios: readonly number[], informative: number): number[] {
  return harm.map((value, i) => lnSum([value + (ratios[i] ?? 0), Math.log(beginsAt(informative + 1))]));
}

/** The mean over the alternatives, and the belief that harm is yet to begin, which has seen no evidence. */
function harmOf(harm: readonly number[], informative: number): number {
  return lnSum([lnMean(harm), Math.log((1 - fromTheStart) / (informative + 2))]);
}

/** Belief that harm begins with the nth table: they sum to 1 over all n, and (1 - fromTheStart) / (n + 1) lies behind n. */
function beginsAt(n: number): number {
  return (n === 1 ? fromTheStart : 0) + (1 - fromTheStart) / (n * (n + 1));
}
