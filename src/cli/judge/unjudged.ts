import type { Config } from "../../config/load.ts";
import type { ProblemDetail } from "../../problem.ts";

/** A canary without a judge that nobody has turned off: what its operator should know. */
export function noteUnjudged({
  rollout,
  raw,
}: Pick<Config, "rollout"> & { readonly raw: Pick<Config["raw"], "rollout"> }): readonly ProblemDetail[] {
  const { canary } = rollout;
  const isHeld =
    canary !== undefined && (canary.match !== undefined || canary.steps.some((step) => step < 1));
  if (!isHeld || canary.judge !== undefined || raw.rollout.canary?.judge === false) return [];
  return [
    {
      code: "CANARY_UNJUDGED",
      what: "Nobody judges this canary: time alone decides whether it goes on.",
      why: "No service behind the balancer has a path that the judge could ask.",
      fix: "Give one a health path or set proof.url; rollout.canary.judge: false says that time shall decide.",
    },
  ];
}
