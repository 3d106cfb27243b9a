import { type Proof, unended } from "./proof.ts";

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
  const told = worst === last ? [] : [sayEarlier(worst)];
  const isHidden = gap.length > 0 && worst.verdict === "holds";
  return {
    ...last,
    verdict: isHidden ? "inconclusive" : worst.verdict,
    reasons: isHidden ? [...gap, ...last.reasons] : [...told, ...last.reasons, ...gap],
    ...(proofs.length === 0 ? {} : { earlier: proofs }),
  };
}

/** Something that was changed; ms since the epoch. */
export interface Change {
  readonly from: number;
  /** null: nobody knows when it was done. */
  readonly to: number | null;
}

/** When changes lie in the run of no proof, from the first to the last of them; null: each was measured. */
export function unmeasuredOf(changes: readonly Change[], proofs: readonly Proof[]): Earlier["unmeasured"] {
  const isMeasured = ({ from, to }: Change): boolean =>
    to !== null &&
    proofs.some(({ startedAt, durationMs }) => from >= startedAt && to <= startedAt + durationMs);
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

/** The parts of a proof as they were measured, the oldest first. */
export function partsOf(proof: Proof): readonly Proof[] {
  return [...(proof.earlier ?? []), proof];
}

function weight({ verdict }: Proof): number {
  return severity.indexOf(verdict);
}

function sayEarlier({ startedAt, durationMs, reasons }: Proof): string {
  return `Until ${clock(startedAt + durationMs)} UTC, before it was taken up again: ${reasons[0] ?? ""}`;
}

function sayUnmeasured({ from, to }: NonNullable<Earlier["unmeasured"]>): string {
  const [first, last] = [clock(from), clock(to)];
  return `What was changed ${first === last ? `at ${first}` : `from ${first} to ${last}`} UTC was not measured.`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
