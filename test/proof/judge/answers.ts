import type { Answered } from "../../../src/plan/comparison.ts";
import {
  addAnswers,
  type Baseline,
  type Known,
  learnSpeed,
  nothingKnown,
} from "../../../src/proof/judge/canary.ts";
import type { JudgeSettings } from "../../../src/proof/judge/settings.ts";
import { verdictOf } from "../../../src/proof/judge/verdict.ts";
import { type Chance, chance, lognormal } from "./chance.ts";
import type { Outcome } from "./simulate.ts";

/** How a release answers: the share that fails, how many times slower it is, and what stops a server now and then. */
export interface Way {
  readonly failing?: number;
  readonly slower?: number;
  /** In this share of all seconds, for so long; requests that meet it fail, or wait for its end. */
  readonly stops?: { readonly share: number; readonly forMs: number; readonly isFailing: boolean };
}

export interface Asked {
  /** Requests per second of both arms together, as the judge sends them. */
  readonly rate: number;
  readonly canary: Way;
  /** null: nothing of the old release answers, and the canary gets its half. */
  readonly control: Way | null;
}

const releases = { canary: "new", control: "old" };
const medianMs = 20;
const sigma = 0.5;

/** What one second of the judge's own requests is answered, from `startsAt` (ms) on. */
function second({ rate, canary, control }: Asked, startsAt: number, draw: Chance): readonly Answered[] {
  const arms = { canary: armOf("canary", canary, draw), control: armOf("control", control ?? {}, draw) };
  const count = control === null ? rate / 2 : rate;
  return Array.from({ length: count }, (_, i) => {
    const arm = control === null || draw() < 0.5 ? "canary" : "control";
    return arms[arm](startsAt, (i * 1000) / count);
  });
}

function armOf(arm: Answered["arm"], { failing = 0, slower = 1, stops }: Way, draw: Chance) {
  const isStopped = stops !== undefined && draw() < stops.share;
  const fromMs = isStopped ? draw() * 1000 : Infinity;
  const untilMs = fromMs + (stops?.forMs ?? 0);
  const asked = { arm, server: arm, service: "web", path: "/" };
  return (startsAt: number, dueMs: number): Answered => {
    const ownMs = medianMs * slower * lognormal(draw, sigma);
    const isMet = dueMs + ownMs > fromMs && dueMs < untilMs;
    const isFailing = isMet && stops?.isFailing === true;
    const tookMs = isMet && !isFailing ? untilMs - dueMs + 10 * draw() : ownMs;
    const answered = { ...asked, at: startsAt + dueMs + tookMs, tookMs };
    return isFailing || draw() < failing ? { ...answered, fault: "status 500" } : answered;
  };
}

/** Through all that the product does with answers, asked for a verdict after every second. */
export function runAsked(
  asked: Asked,
  settings: JudgeSettings,
  run: { readonly seed: number; readonly seconds: number },
): Outcome & { readonly known: Known } {
  const draw = chance(run.seed);
  const baseline: Baseline = new Map();
  const before = Array.from({ length: 600 }, () => oldAnswer(draw));
  let known = learnSpeed(nothingKnown(settings, 0), baseline, before, ["control"]);
  let requests = 0;
  for (let i = 1; i <= run.seconds; i++) {
    const answers = second(asked, (i - 1) * 1000, draw);
    requests += answers.filter(({ arm }) => arm === "canary").length;
    known = addAnswers(known, answers, { at: i * 1000, settings, releases });
    known = learnSpeed(known, baseline, answers, ["control"]);
    const { verdict } = verdictOf(known.case, settings, i * 1000);
    if (verdict === "abort" || verdict === "promote") return { verdict, requests, seconds: i, known };
  }
  return { verdict: "inconclusive", requests, seconds: run.seconds, known };
}

function oldAnswer(draw: Chance): Answered {
  const tookMs = medianMs * lognormal(draw, sigma);
  return { arm: "control", server: "old", service: "web", path: "/", at: 0, tookMs };
}
