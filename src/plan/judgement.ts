import type { Decision, Situation, Watch } from "./decision.ts";
import { noRelease } from "./effect.ts";
import { releaseBefore } from "./previous.ts";
import type { JudgeSpec } from "./spec.ts";
import type { Stage } from "./strategies/strategy.ts";
import { harmfulProblem, pauseFor, sickProblem, uncertainProblem } from "./verdict-trouble.ts";

/** How long the judge may take to conclude when the time is over. */
const concludeMs = 30_000;

/** The judge of this stage; null: nothing but time decides. A first release has nothing to be compared with. */
export function judgeOf({ goal }: Situation, stage: Stage): JudgeSpec | null {
  if (stage.watch === undefined || goal.previous === null) return null;
  return goal.rollout.canary?.judge ?? null;
}

/** Harm that was found is answered at once, whatever is under way; null: none was. */
export function answerHarm(situation: Situation, stage: Stage): Decision | null {
  const { verdict } = situation.facts;
  const judge = judgeOf(situation, stage);
  if (verdict?.verdict !== "harm" || judge === null || judge.isDryRun) return null;
  if (stage.watch === "hosts") return { kind: "turn", problem: sickProblem(situation, stage, verdict) };
  const problem = harmfulProblem(situation, stage, verdict);
  return judge.onHarm === "pause" ? pauseFor(situation, problem) : { kind: "turn", problem };
}

/** Only positive evidence ends the watch of a judged stage, and not before its time. */
export function judged(situation: Situation, stage: Stage, judge: JudgeSpec): Decision {
  const { facts, at } = situation;
  const { verdict } = facts;
  const index = facts.stage + 1;
  const over = facts.workedAt + stage.holdMs;
  const why = watching(stage);
  const isLate = at >= over + concludeMs;
  if (verdict === null && !isLate) {
    const until = at < over ? over : over + concludeMs;
    return { kind: "hold", until, why, watch: watchOf(situation, stage, { index, until: over }) };
  }
  if (at < over) return { kind: "hold", until: over, why };
  if (judge.isDryRun || verdict?.verdict === "sound") return { kind: "stage", stage: index, why: stage.says };
  const problem = uncertainProblem(situation, stage, verdict);
  return stage.watch === "hosts" ? { kind: "turn", problem } : pauseFor(situation, problem);
}

function watching({ watch, says }: Stage): string {
  return watch === "hosts" ? `comparing the servers, ${says}` : `judging the new release, ${says}`;
}

/** What the judge looks for in the bake time is harm, by what was before: what is left of the old release idles. */
export function bakeWatch(situation: Situation, stage: Stage, until: number): Watch | undefined {
  if (judgeOf(situation, stage) === null || situation.facts.verdict !== null) return undefined;
  const watch = watchOf(situation, stage, { index: situation.rollout.verdict, until });
  return { ...watch, kind: "bake", control: [] };
}

function watchOf(
  { goal, rollout }: Situation,
  stage: Stage,
  { index, until }: { readonly index: number; readonly until: number },
): Watch {
  const { order } = rollout;
  const kind = stage.watch ?? "release";
  const few = kind === "hosts" ? (stage.compared ?? 0) : stage.to;
  return {
    stage: index,
    kind,
    says: stage.says,
    canary: order.slice(0, few),
    control: order.slice(few).filter((host) => releaseBefore(goal, host) !== noRelease),
    until,
  };
}
