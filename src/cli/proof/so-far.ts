import { type Proof, unended } from "../../proof/proof.ts";
import type { Measured } from "./measure.ts";

/** What was kept of a deployment that is still under way: it has not stopped, and nobody has given up measuring it. */
export function measuredNow(measured: Measured | null): Measured {
  if (measured === null) return { unmeasured: "nothing was kept of it so far" };
  return "unmeasured" in measured ? measured : proofNow(measured);
}

export function proofNow(proof: Proof): Proof {
  const { own } = proof;
  return {
    ...proof,
    isUnderWay: true,
    reasons: sayOngoing(proof.reasons),
    ...(own === undefined ? {} : { own: { ...own, reasons: sayOngoing(own.reasons) } }),
  };
}

function sayOngoing(reasons: readonly string[]): readonly string[] {
  const soFar = "The deployment is under way; this is what was measured so far.";
  return reasons.map((reason) => (reason === unended ? soFar : reason));
}
