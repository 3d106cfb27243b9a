import type { Case } from "./judge.ts";
import type { JudgeSettings } from "./settings.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

const checkMs = 30_000;

export interface HostCheck {
  /** sick: the host is worse than the others with the same release, so choose another one for the canary. */
  readonly finding: "sick" | "sound" | "hold";
  readonly verdict: Verdict;
}

/** Of a case in which both arms run the old release, the canary's on the host that is to get the new one. */
export function checkHost(state: Case, settings: JudgeSettings, at: number): HostCheck {
  const verdict = verdictOf(state, settings, at);
  const isOver = at - state.startedAt >= checkMs;
  return { finding: verdict.verdict === "abort" ? "sick" : isOver ? "sound" : "hold", verdict };
}
