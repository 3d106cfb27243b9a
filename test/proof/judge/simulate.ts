import { addTick, openCase, type Case } from "../../../src/proof/judge/judge.ts";
import type { JudgeSettings } from "../../../src/proof/judge/settings.ts";
import type { Count, Tick } from "../../../src/proof/judge/tick.ts";
import { verdictOf } from "../../../src/proof/judge/verdict.ts";
import { chance, lognormal, some, type Chance } from "./chance.ts";

/** A canary as it might go: what each second shows of it. */
export type World = (second: number, chance: Chance) => Tick["signals"];

export interface Outcome {
  readonly verdict: "abort" | "promote" | "inconclusive";
  /** Requests the canary had answered by then. */
  readonly requests: number;
  readonly seconds?: number;
}

/** Runs to a verdict, asked after every second; ends as inconclusive after `seconds`. */
export function runCanary(
  world: World,
  settings: JudgeSettings,
  run: { seed: number; seconds: number },
): Outcome {
  const draw = chance(run.seed);
  let state: Case = openCase(settings, 0);
  let requests = 0;
  for (let second = 1; second <= run.seconds; second++) {
    const signals = world(second, draw);
    requests += Object.values(signals)[0]?.canary.total ?? 0;
    state = addTick(state, { at: second * 1000, signals }, settings);
    const { verdict } = verdictOf(state, settings, second * 1000);
    if (verdict === "abort" || verdict === "promote") return { verdict, requests };
  }
  return { verdict: "inconclusive", requests };
}

export interface Rates {
  readonly runs: number;
  readonly abort: number;
  readonly promote: number;
  readonly inconclusive: number;
  readonly median: number;
  readonly p95: number;
  /** As p95, in seconds. */
  readonly p95Seconds: number;
}

/** Shares of the verdicts of many canaries, and the requests that it took. */
export function rates(run: (seed: number) => Outcome, runs: number): Rates {
  const outcomes = Array.from({ length: runs }, (_, i) => run(i + 1));
  const requests = outcomes.map((outcome) => outcome.requests).sort((a, b) => a - b);
  const seconds = outcomes.map((outcome) => outcome.seconds ?? 0).sort((a, b) => a - b);
  const share = (verdict: Outcome["verdict"]): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length / runs;
  return {
    runs,
    abort: share("abort"),
    promote: share("promote"),
    inconclusive: share("inconclusive"),
    median: requests[Math.floor(runs / 2)] ?? 0,
    p95: requests[Math.floor(runs * 0.95)] ?? 0,
    p95Seconds: seconds[Math.floor(runs * 0.95)] ?? 0,
  };
}

/** Requests per second of each arm. */
export interface Traffic {
  readonly canary: number;
  readonly control: number;
}

export const even: Traffic = { canary: 10, control: 10 };
export const tenth: Traffic = { canary: 10, control: 90 };

/** Errors only, independent of each other. */
export function failing(traffic: Traffic, canaryShare: number, controlShare: number): World {
  return (_, draw) => ({
    errors: {
      canary: { total: traffic.canary, bad: some(draw, traffic.canary, canaryShare) },
      control: { total: traffic.control, bad: some(draw, traffic.control, controlShare) },
    },
  });
}

/** Errors and latency; the canary's is `slower` times the control's, whose slowest tenth is slow. */
export function serving(
  traffic: Traffic,
  share: {
    readonly canary: number;
    readonly control: number;
    readonly slower: number;
    readonly both?: number;
  },
): World {
  const sigma = 0.5;
  const limit = Math.exp(1.2815515655446004 * sigma);
  const arm = (draw: Chance, total: number, of: { failing: number; slower: number }): [Count, Count] => {
    const bad = some(draw, total, of.failing);
    let slow = 0;
    for (let i = bad; i < total; i++) if (lognormal(draw, sigma) * of.slower > limit) slow++;
    return [
      { total, bad },
      { total: total - bad, bad: slow },
    ];
  };
  const both = share.both ?? 1;
  return (_, draw) => {
    const [errors, slow] = arm(draw, traffic.canary, { failing: share.canary, slower: share.slower * both });
    const [otherErrors, otherSlow] = arm(draw, traffic.control, { failing: share.control, slower: both });
    return {
      errors: { canary: errors, control: otherErrors },
      slow: { canary: slow, control: otherSlow },
    };
  };
}
