import { overlap } from "../replacement/overlap.ts";
import { inPlace } from "./in-place.ts";
import type { Strategy } from "./strategy.ts";

/** Batch after batch in place: on every host the new instances open before the old ones close, so no capacity is lost. */
export const rolling: Strategy = {
  replacement: overlap,
  rollout(goal) {
    const stages = inPlace(goal, goal.hosts, 0, goal.routing);
    return { order: goal.hosts, stages, verdict: stages.length - 1 };
  },
  refuse: () => null,
};
