import type { Effect } from "../../plan/effect.ts";
import { explainEffect } from "../../plan/explain.ts";
import type { Goal } from "../../plan/record.ts";
import { nameHosts } from "./hosts.ts";
import { describeRouting } from "./routing.ts";

/** What a step does, in a sentence that is true of every host it is done on. */
export interface StepText {
  readonly sentence: string;
  /** What the sentence leaves out. */
  readonly detail: string | undefined;
  /** Sentences about balancers name them. */
  readonly namesItsHost: boolean;
}

export function stepText(effect: Effect, goal?: Goal): StepText {
  const isRouting = effect.layer === "traffic" && effect.verb === "switch";
  return {
    sentence: explainEffect(effect, goal),
    detail: isRouting ? describeRouting(effect.routing) : undefined,
    namesItsHost: effect.layer === "traffic",
  };
}

/** "Check web · web1, web2"; where there is one host only, it needs no name. */
export function titleOf(step: StepText, hosts: readonly string[], all: readonly string[]): string {
  return step.namesItsHost || all.length < 2 ? step.sentence : `${step.sentence} · ${nameHosts(hosts, all)}`;
}
