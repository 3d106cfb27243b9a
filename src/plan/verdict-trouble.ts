import type { ProblemDetail } from "../problem.ts";
import type { Decision, Situation } from "./decision.ts";
import type { Facts } from "./facts.ts";
import type { Goal } from "./record.ts";
import { describeServing } from "./serving.ts";
import { nameHosts } from "./strategies/in-place.ts";
import type { Stage } from "./strategies/strategy.ts";

type Verdict = NonNullable<Facts["verdict"]>;

/** A person has to say how it goes on; a fix of the problem's own is what to do before. */
export function pauseFor(situation: Situation, { fix: advice, ...problem }: ProblemDetail): Decision {
  const { goal, facts } = situation;
  const back = goal.previous ?? "nothing being live";
  const ways = `cutover resume judges anew, cutover promote goes on all the same, cutover abort goes back to ${back}.`;
  const fix = advice === undefined ? ways : `${advice} Then: ${ways}`;
  return {
    kind: "end",
    end: "paused",
    problem: {
      ...problem,
      fix,
      state: facts.switchedAt === null ? (problem.state ?? whoServes(goal)) : describeServing(situation),
      exit: 6,
    },
  };
}

function whoServes({ release, previous }: Goal): string {
  return `The traffic stays as it is: release ${release} keeps its share, release ${previous} serves the rest.`;
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

export function sickProblem({ goal, rollout }: Situation, stage: Stage, verdict: Verdict): ProblemDetail {
  const canary = nameHosts(rollout.order.slice(0, stage.compared));
  return {
    code: "CANARY_HOST_SICK",
    what: `The canary ${canary} does worse than the other servers, with release ${goal.previous} on all of them.`,
    why: `${verdict.why} Whatever release ${goal.release} is like, it would have looked bad there.`,
    evidence: verdict.evidence,
    fix: "Look at those servers; the first of servers: that take traffic are the canary, so another order chooses others.",
  };
}

/** The balancer gives other shares than it was told. */
export function pauseForSplit(situation: Situation, verdict: Verdict): Decision {
  const { release, previous } = situation.goal;
  return pauseFor(situation, {
    code: "CANARY_SPLIT",
    what: "The balancer does not divide the requests as it was told.",
    why: `${verdict.why} What this step shows of release ${release} is not what was planned, so it does not go on by itself.`,
    evidence: verdict.evidence,
    fix: splitAdvice,
    state: `The balancer keeps the weights that it was told: release ${release} is on the canary, release ${previous} on the others.`,
  });
}

const splitAdvice =
  "Find out what else decides there: a server that the balancer takes for down (cutover status), a rule of the balancer's own, " +
  "clients that stick to a server. Where shares cannot be exact, say rollout.canary.judge: { split: false } for the next deployment.";

/** The time is over and nobody knows. */
export function uncertainProblem({ goal }: Situation, stage: Stage, verdict: Verdict | null): ProblemDetail {
  if (stage.watch === "hosts")
    return {
      code: "CANARY_UNMEASURED",
      what: "The servers of the canary could not be compared with the others, so no verdict would be possible.",
      why: verdict?.why ?? "Nothing was measured in the time given.",
      evidence: verdict?.evidence,
      fix: "Make the service answer to the balancer's machine (rollout.canary.judge.paths), or let time alone decide (rollout.canary.judge: false).",
    };
  return {
    code: "CANARY_UNCERTAIN",
    what: `Nobody can tell yet whether release ${goal.release} is as good as release ${goal.previous}.`,
    why: `${verdict?.why ?? "Nothing was measured in the time given."} So it does not go on by itself.`,
    evidence: verdict?.evidence,
  };
}
