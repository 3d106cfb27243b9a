import type { Effect } from "../../plan/effect.ts";
import { explainEffect } from "../../plan/explain.ts";
import type { Goal } from "../../plan/record.ts";
import { describeRouting } from "./routing.ts";

/** What a step does, in a sentence without the host it is done on; and what a line below it adds. */
export interface StepText {
  readonly sentence: string;
  readonly detail: string | undefined;
}

export function stepText(effect: Effect, goal?: Goal): StepText {
  const sentence = explainEffect(effect, goal);
  const isTraffic = effect.layer === "traffic" && effect.verb === "switch";
  return { sentence, detail: isTraffic ? describeRouting(effect.routing) : undefined };
}

/** Sentences about balancers name them; the others are true of several hosts at once. */
export function namesItsHost(effect: Effect): boolean {
  return effect.layer === "traffic";
}
