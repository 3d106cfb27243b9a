import type { ProblemDetail } from "../problem.ts";
import type { Decision, Situation } from "./decision.ts";
import type { Facts } from "./facts.ts";
import type { Stage } from "./strategies/strategy.ts";

type Verdict = NonNullable<Facts["verdict"]>;

/** A person has to say how it goes on. */
export function pauseFor({ goal }: Situation, problem: ProblemDetail): Decision {
  const back = goal.previous ?? "nothing being live";
  const fix = `cutover resume judges anew, cutover promote goes on all the same, cutover abort goes back to ${back}.`;
  return {
    kind: "end",
    end: "paused",
    problem: { ...problem, fix, state: whoServes(goal.previous), exit: 6 },
  };
}

function whoServes(previous: string | null): string {
  return `The traffic stays as it is: the canary keeps its share, release ${previous} serves the rest.`;
}

export function harmfulProblem({ goal, facts }: Situation, stage: Stage, verdict: Verdict): ProblemDetail {
  const isBaking = facts.switchedAt !== null;
  return {
    code: isBaking ? "BAKE_HARM" : "CANARY_HARM",
    what: `Release ${goal.release} does harm. ${verdict.why}`,
    why: isBaking
      ? `It was seen in the bake time, with everything on release ${goal.release}.`
      : `It was seen beside release ${goal.previous}, with ${stage.says}.`,
    evidence: verdict.evidence,
    fix: "Correct what the evidence shows, then deploy again.",
  };
}

export function sickProblem({ goal }: Situation, stage: Stage, verdict: Verdict): ProblemDetail {
  return {
    code: "CANARY_HOST_SICK",
    what: `The servers of the canary do worse than the others, with release ${goal.previous} on all of them.`,
    why: `${stage.says}: ${verdict.why} Whatever release ${goal.release} is like, it would have looked bad there.`,
    evidence: verdict.evidence,
    fix: "Look at those servers; the first of servers: that take traffic are the canary, so another order chooses others.",
  };
}

/** The time is over and nobody knows. */
export function uncertainProblem({ goal }: Situation, stage: Stage, verdict: Verdict | null): ProblemDetail {
  if (stage.watch === "hosts")
    return {
      code: "CANARY_UNMEASURED",
      what: "The servers of the canary could not be compared with the others, so no verdict would be possible.",
      why: verdict?.why ?? "Nothing was measured in the time given.",
      evidence: verdict?.evidence,
      fix: "Make the service answer to the balancer's machine (rollout.canary.judge.paths), or remove rollout.canary.judge.",
    };
  return {
    code: "CANARY_UNCERTAIN",
    what: `Nobody can tell yet whether release ${goal.release} is as good as release ${goal.previous}.`,
    why: `${verdict?.why ?? "Nothing was measured in the time given."} So it does not go on by itself.`,
    evidence: verdict?.evidence,
  };
}
