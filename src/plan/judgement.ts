import type { Decision, Situation, Watch } from "./decision.ts";
import { duration } from "./duration.ts";
import { noRelease } from "./effect.ts";
import { releaseBefore } from "./previous.ts";
import type { Goal } from "./record.ts";
import type { JudgeSpec } from "./spec.ts";
import type { Stage } from "./strategies/strategy.ts";
import { harmfulProblem, pauseFor, pauseForSplit, sickProblem, uncertainProblem } from "./verdict-trouble.ts";

/** How long the judge may take to conclude when the time is over. */
const concludeMs = 30_000;

/** The judge of this stage; null: nothing but time decides. A first release has nothing to be compared with. */
export function judgeOf({ goal }: Situation, stage: Stage): JudgeSpec | null {
  if (stage.watch === undefined || goal.previous === null) return null;
  return goal.rollout.canary?.judge ?? null;
}

/** The judge of this deployment says what it finds, and nothing follows from it. */
export function isDryRun({ rollout }: Goal): boolean {
  return rollout.canary?.judge?.isDryRun ?? false;
}

/** Harm that was found is answered at once, whatever is under way; null: none was. */
export function answerHarm(situation: Situation, stage: Stage): Decision | null {
  const { verdict } = situation.facts;
  const judge = judgeOf(situation, stage);
  if (verdict?.verdict !== "harm" || judge === null || judge.isDryRun) return null;
  if (stage.watch === "hosts") return { kind: "turn", problem: sickProblem(situation, stage, verdict) };
  const problem = harmfulProblem(situation, stage, verdict);
  return judge.onHarm === "pause"
    ? pauseFor(situation, { ...problem, fix: undefined })
    : { kind: "turn", problem };
}

/** Only positive evidence ends the watch of a judged stage, and not before its time; without any there is a longest time. */
export function judged(situation: Situation, stage: Stage, judge: JudgeSpec): Decision {
  const { facts, at } = situation;
  const { verdict } = facts;
  const index = facts.stage + 1;
  const least = facts.workedAt + stage.holdMs;
  const longestMs = longestWatch(stage, judge);
  const until = facts.workedAt + longestMs;
  const why = at < least || least === until ? watching(stage) : watchingOn(stage, longestMs);
  if (verdict === null && at < until + concludeMs) {
    const next = [least, until].find((moment) => at < moment) ?? until + concludeMs;
    return { kind: "hold", until: next, why, watch: watchOf(situation, stage, { index, least, until }) };
  }
  if (at < least) return { kind: "hold", until: least, why };
  if (judge.isDryRun || verdict?.verdict === "sound") return { kind: "stage", stage: index, why: stage.says };
  return unsettled(situation, stage);
}

function unsettled(situation: Situation, stage: Stage): Decision {
  const { verdict } = situation.facts;
  if (verdict?.cause === "split") return pauseForSplit(situation, verdict);
  const problem = uncertainProblem(situation, stage, verdict);
  return stage.watch === "hosts" ? { kind: "turn", problem } : pauseFor(situation, problem);
}

/** Servers that are no worse in their time are good enough, and of a dry run nothing follows. */
function longestWatch({ watch, holdMs }: Stage, { isDryRun, withinMs }: JudgeSpec): number {
  return watch === "hosts" || isDryRun ? holdMs : Math.max(holdMs, withinMs);
}

function watching({ watch, says, holdMs }: Stage): string {
  const what = watch === "hosts" ? "comparing the servers:" : "judging the new release with";
  return `${what} ${says}, for ${duration(holdMs)}${goOn}`;
}

function watchingOn({ says }: Stage, longestMs: number): string {
  return `judging the new release with ${says} until it is settled, for ${duration(longestMs)} at most${goOn}`;
}

/** How a person cuts such a wait short. */
export const goOn = "; cutover promote goes on at once";

/** What the judge looks for in the bake time is harm, by what was before: what is left of the old release idles. */
export function bakeWatch(situation: Situation, stage: Stage, until: number): Watch | undefined {
  if (judgeOf(situation, stage) === null || situation.facts.verdict !== null) return undefined;
  const watch = watchOf(situation, stage, { index: situation.rollout.verdict, least: until, until });
  return { ...watch, kind: "bake", control: [] };
}

function watchOf(
  { goal, rollout }: Situation,
  stage: Stage,
  { index, ...times }: { readonly index: number } & Pick<Watch, "least" | "until">,
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
    ...times,
  };
}
