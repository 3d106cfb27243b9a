import { clockText } from "../../proof/clock.ts";
import { inPlaceOf, withEarlier } from "../../proof/parts.ts";
import type { Proof } from "../../proof/proof.ts";
import type { EarlierParts } from "./earlier.ts";
import type { Measured } from "./measure.ts";

export const nothing: Measured = { unmeasured: "nothing was changed that clients could feel" };

/** What the last run of a deployment that was taken up again did; times in ms since the epoch. */
interface LastRun {
  /** It has brought the deployment to its end. */
  readonly isEnded: boolean;
  /** It changed something that clients could feel. */
  readonly isChanged: boolean;
  readonly at: number;
}

/** What an earlier run has shown is not forgotten because a later one was not measured. `own` null: that one had nothing to measure. */
export function together(
  own: Measured | null,
  earlier: EarlierParts,
  { isEnded, isChanged, at }: LastRun,
): Measured {
  if (own !== null && "verdict" in own) return withEarlier(own, earlier);
  const last = earlier.proofs.at(-1);
  if (last === undefined) return own ?? nothing;
  const proofs = earlier.proofs.slice(0, -1);
  const unmeasured = earlier.unmeasured ?? (isChanged ? { from: at, to: at } : null);
  const whole = withEarlier(inPlaceOf(last, isEnded), { proofs, unmeasured });
  return own === null ? whole : withoutLast(whole, own.unmeasured, at);
}

function withoutLast(whole: Proof, why: string, at: number): Proof {
  const said = `From ${clockText(at)} UTC on, when it was taken up again, it was not measured: ${why}.`;
  return whole.verdict === "holds"
    ? { ...whole, verdict: "inconclusive", reasons: [said, ...whole.reasons] }
    : { ...whole, reasons: [...whole.reasons, said] };
}
