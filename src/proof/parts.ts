import type { Proof } from "./proof.ts";

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

/** When changes at `times` lie in the run of no proof, the first and the last of them; null: each was measured. */
export function unmeasuredOf(times: readonly number[], proofs: readonly Proof[]): Earlier["unmeasured"] {
  const isMeasured = (at: number): boolean =>
    proofs.some(({ startedAt, durationMs }) => at >= startedAt && at <= startedAt + durationMs);
  const missed = times.filter((at) => !isMeasured(at));
  return missed.length === 0 ? null : { from: Math.min(...missed), to: Math.max(...missed) };
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
  return `What was changed from ${clock(from)} to ${clock(to)} UTC was not measured.`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
