import { deadlineMs } from "../plan/deadline.ts";
import type { Effect, Outcome } from "../plan/effect.ts";
import { hasSwitched, isCleanup } from "../plan/facts.ts";
import { isProblem } from "../problem.ts";
import type { Run } from "./run.ts";
import { write } from "./run.ts";
import { staleEpochProblem } from "./trouble.ts";

/** Intents ahead, in one go; effects at once, each with its outcome behind. Answers whether any reply is missing. */
export async function attemptAll(run: Run, effects: readonly Effect[]): Promise<"known" | "unknown"> {
  await Promise.all(effects.map((effect) => write(run, { kind: "intent", effect })));
  const settled = await Promise.allSettled(effects.map((effect) => attempt(run, effect)));
  const failed = settled.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const outcomes = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  return outcomes.some(({ outcome }) => outcome === "unknown") ? "unknown" : "known";
}

async function attempt(run: Run, effect: Effect): Promise<Outcome> {
  const { emit, clock } = run.execution;
  const begun = clock.now();
  emit({ event: "effect", effect });
  const outcome = await withDeadline(run, effect);
  emit({ event: "outcome", effect, outcome, ms: clock.now() - begun });
  if (outcome.outcome === "refused" && isCleanup(effect))
    emit({ event: "warning", problem: outcome.problem });
  if (outcome.outcome === "stale") throw staleEpochProblem(effect.host, run.epoch, outcome.epoch);
  await write(run, { kind: "outcome", effect, outcome });
  return outcome;
}

async function withDeadline(run: Run, effect: Effect): Promise<Outcome> {
  const { clock } = run.execution;
  const ms = deadlineMs(effect, run.goal);
  const answered = new AbortController();
  const late = clock.sleep(ms, answered.signal).then((): Outcome => ({
    outcome: "unknown",
    why: `There was no reply within ${Math.ceil(ms / 1000)} s.`,
  }));
  try {
    return await Promise.race([apply(run, effect), late]);
  } finally {
    answered.abort();
  }
}

async function apply(run: Run, effect: Effect): Promise<Outcome> {
  const { fleet, signal } = run.execution;
  const mayStop = run.facts.direction === "forward" && !hasSwitched(run.facts);
  try {
    return await fleet.apply(effect, run.epoch, mayStop ? signal : undefined);
  } catch (error) {
    if (isProblem(error)) return { outcome: "refused", problem: error.detail };
    return { outcome: "unknown", why: error instanceof Error ? error.message : String(error) };
  }
}
