import { clockText } from "./clock.ts";
import { costOf } from "./cost.ts";
import { type Proof, unended } from "./proof.ts";
import type { Stats } from "./result.ts";
import type { Stretch } from "./time-axis.ts";

/** What is known of a deployment that was interrupted or paused, when it is taken up again. */
export interface Earlier {
  /** Of its earlier runs, the oldest first. */
  readonly proofs: readonly Proof[];
  /** Changes that nobody measured; ms since the epoch. */
  readonly unmeasured: { readonly from: number; readonly to: number } | null;
}

const severity: readonly Proof["verdict"][] = ["holds", "inconclusive", "masked", "broken"];

/** The proof of the whole deployment: it holds only where every part does and every change was measured. */
export function withEarlier(last: Proof, { proofs, unmeasured }: Earlier): Proof {
  const worst = proofs.reduce((one, other) => (weight(other) > weight(one) ? other : one), last);
  const gap = unmeasured === null ? [] : [sayUnmeasured(unmeasured)];
  const isHidden = gap.length > 0 && worst.verdict === "holds";
  const told = proofs.filter(({ verdict }) => verdict === worst.verdict && verdict !== "holds");
  const own = proofs.length === 0 ? last.reasons : last.reasons.map((reason, i) => sayLast(reason, i, last));
  const good = worst.verdict === "holds" && proofs.length > 0 ? [sayNoLoss([...proofs, last])] : [];
  return {
    ...last,
    verdict: isHidden ? "inconclusive" : worst.verdict,
    reasons: isHidden ? [...gap, ...good, ...own] : [...good, ...told.map(sayEarlier), ...own, ...gap],
    ...(proofs.length === 0
      ? {}
      : { earlier: proofs, own: { verdict: last.verdict, reasons: last.reasons } }),
  };
}

/** Something that was changed; ms since the epoch. */
export interface Change {
  readonly from: number;
  /** null: nobody knows when it was done. */
  readonly to: number | null;
  /** From when to when the deployment was in the same hands. */
  readonly run?: Stretch | undefined;
}

/** When changes lie in the run of no proof, from the first to the last of them; null: each was measured. */
export function unmeasuredOf(changes: readonly Change[], proofs: readonly Proof[]): Earlier["unmeasured"] {
  const isMeasured = ({ from, to, run }: Change): boolean =>
    to !== null &&
    proofs.some(({ startedAt, durationMs }) => {
      // What was wanted before the prober ran waited for it, where the same hands did both.
      const isBegun = from >= startedAt || (run !== undefined && isWithin(startedAt, run));
      return isBegun && to <= startedAt + durationMs;
    });
  const missed = changes.filter((change) => !isMeasured(change));
  if (missed.length === 0) return null;
  return {
    from: Math.min(...missed.map(({ from }) => from)),
    to: Math.max(...missed.map(({ from, to }) => to ?? from)),
  };
}

/** A part in place of the whole, whose last part nobody measured. */
export function inPlaceOf(part: Proof, isEnded: boolean): Proof {
  return { ...part, isEnded, reasons: part.reasons.filter((reason) => !isEnded || reason !== unended) };
}

/** The parts of a proof as they were measured, each alone, the oldest first. */
export function partsOf({ earlier = [], own, ...last }: Proof): readonly Proof[] {
  return [...earlier, { ...last, ...own }];
}

/** What was measured during the run with the highest p99. */
export function slowestOf(parts: readonly Proof[]): Stats {
  const all = parts.map(({ during }) => during);
  return all.reduce((one, other) => ((other.p99Ms ?? 0) > (one.p99Ms ?? 0) ? other : one));
}

function isWithin(at: number, { from, to }: Stretch): boolean {
  return at >= from && at < to;
}

function weight({ verdict }: Proof): number {
  return severity.indexOf(verdict);
}

function sayEarlier({ startedAt, durationMs, reasons }: Proof): string {
  return `Until ${clockText(startedAt + durationMs)} UTC, before it was taken up again: ${reasons[0] ?? ""}`;
}

function sayLast(reason: string, index: number, { startedAt }: Proof): string {
  if (reason === unended) return reason;
  return `From ${clockText(startedAt)} UTC on${index === 0 ? ", when it was taken up again" : ""}: ${reason}`;
}

function sayNoLoss(parts: readonly Proof[]): string {
  const { sent } = costOf(parts);
  return `Nothing was lost in any of ${parts.length} runs: 0 of ${sent.toLocaleString("en-US")} requests.`;
}

function sayUnmeasured({ from, to }: NonNullable<Earlier["unmeasured"]>): string {
  const [first, last] = [clockText(from), clockText(to)];
  return `What was changed ${first === last ? `at ${first}` : `from ${first} to ${last}`} UTC was not measured.`;
}
