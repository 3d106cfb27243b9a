import { chance } from "./chance.ts";
import type { Outcome, World } from "./simulate.ts";

const windowSeconds = 6;
const wanted = 0.99;

/** What deployers usually do: success of at least 99 % in each window of 60 requests, the third failed one of ten aborts. */
export function thresholdRule(world: World, run: { seed: number; seconds: number }): Outcome {
  const draw = chance(run.seed);
  let requests = 0;
  let seen = { total: 0, bad: 0 };
  const failed: boolean[] = [];
  for (let second = 1; second <= run.seconds; second++) {
    const canary = world(second, draw)["errors"]?.canary ?? { total: 0, bad: 0 };
    requests += canary.total;
    seen = { total: seen.total + canary.total, bad: seen.bad + canary.bad };
    if (second % windowSeconds !== 0) continue;
    failed.push(1 - seen.bad / seen.total < wanted);
    seen = { total: 0, bad: 0 };
    if (failed.slice(-10).filter(Boolean).length >= 3) return { verdict: "abort", requests };
  }
  return { verdict: "promote", requests };
}
