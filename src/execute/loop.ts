import { isDeepStrictEqual } from "node:util";
import { decide } from "../plan/decide.ts";
import type { Decision } from "../plan/decision.ts";
import { foldFacts, hasSwitched } from "../plan/facts.ts";
import type { HostView, Observed } from "../plan/fleet.ts";
import type { Journal } from "../plan/fleet-port.ts";
import { isDryRun } from "../plan/judgement.ts";
import type { End, Goal, JournalRecord } from "../plan/record.ts";
import type { BalancerView } from "../plan/traffic.ts";
import { isProblem, type ProblemDetail, withState } from "../problem.ts";
import { attemptAll } from "./attempt.ts";
import { claimJournal, goalOf } from "./claim.ts";
import { notBefore } from "./clock.ts";
import { type Execution, newRun, type Run, write } from "./run.ts";
import { endedProblem, interruptedProblem, staleEpochProblem } from "./trouble.ts";

/** How a run ended; "interrupted" is not an end of the deployment: resume or abort goes on. */
export interface Result {
  readonly goal: Goal;
  readonly end: End | "interrupted";
  readonly problem?: ProblemDetail | undefined;
  readonly ms: number;
}

/** What a person may say about a deployment that is under way, or stands still. */
export type Steering = Extract<JournalRecord, { readonly kind: "command" }>["command"];

export interface Start {
  /** Called behind the barrier with what is there now; throws a Problem to refuse before anything is touched. */
  makeGoal(id: string, observed: Observed): Goal | Promise<Goal>;
  openJournal(id: string): Promise<Journal>;
}

/** Begins a deployment: barrier, observation, goal, journal, and then the loop. */
export async function begin(execution: Execution, start: Start): Promise<Result> {
  const { fleet, operator, clock } = execution;
  const startedAt = clock.now();
  const epoch = await fleet.raiseEpoch(operator);
  const goal = await start.makeGoal(String(epoch), await fleet.observe());
  const journal = await start.openJournal(goal.id);
  const record: JournalRecord = { at: clock.now(), kind: "begin", goal, epoch, operator };
  await journal.append(record).catch((error: unknown) => {
    throw isProblem(error) && error.detail.state === undefined
      ? withState(error, "Nothing was changed.", 3)
      : error;
  });
  return loop(newRun({ execution, goal, journal, facts: foldFacts([record]), startedAt, epoch }));
}

/** Goes on with (or undoes) a deployment that somebody else began, from its journal alone. */
export async function takeOver(execution: Execution, journal: Journal, command: Steering): Promise<Result> {
  const { fleet, operator } = execution;
  const before = await journal.read();
  const goal = goalOf(before);
  const { ended, lastAt } = foldFacts(before);
  const clock = notBefore(execution.clock, lastAt);
  const startedAt = clock.now();
  if (ended !== null && ended.end !== "paused") throw endedProblem(goal, ended.end);
  const older = (await fleet.observe()).hosts.flatMap((host) => host.wish ?? []);
  const epoch = await fleet.raiseEpoch(operator);
  const records = await claimJournal(journal, { at: clock.now(), kind: "claim", epoch, operator });
  const facts = foldFacts(records);
  const run = newRun({ execution: { ...execution, clock }, goal, journal, facts, startedAt, epoch });
  await write(run, { kind: "command", command, operator });
  // What this operator came to do replaces what others wished before.
  for (const wish of older) await fleet.clearWish?.(wish);
  return loop(run);
}

async function loop(run: Run): Promise<Result> {
  const { goal, execution } = run;
  const { id, kind, release, previous, hosts } = goal;
  execution.emit({ event: "begin", goal: { id, kind, release, previous, hosts } });
  try {
    for (;;) {
      const stop = await answerInterrupt(run);
      if (stop !== null) return finish(run, "interrupted", stop);
      const observed = await observe(run);
      await answerWish(run, observed);
      const decision = decide(goal, run.facts, observed);
      if (decision.kind === "end") return await end(run, decision);
      await follow(run, decision);
    }
  } catch (error) {
    if (!isProblem(error) || error.detail.state !== undefined) throw error;
    throw withState(error, interruptedProblem(goal).state ?? "", 6);
  }
}

/** Whoever has raised the epoch in the meantime is in charge, even before an effect is refused. */
async function observe(run: Run): Promise<Observed> {
  const { fleet, clock } = run.execution;
  const observed = await fleet.observe();
  const newer = [...observed.balancers, ...observed.hosts].find(({ epoch }) => epoch > run.epoch);
  if (newer !== undefined) throw staleEpochProblem(newer.host, run.epoch, newer.epoch);
  return onClock(observed, clock.now());
}

/** The same as seen at `at`: the clock of a run may be ahead of the fleet's. */
function onClock({ hosts, balancers, at: before }: Observed, at: number): Observed {
  const shift = <View extends HostView | BalancerView>(view: View): View =>
    view.seenAt === undefined ? view : { ...view, seenAt: view.seenAt + at - before };
  return { hosts: hosts.map(shift), balancers: balancers.map(shift), at };
}

/** Somebody at another terminal wants something: theirs counts as if it was said here, once. */
async function answerWish(run: Run, { hosts }: Observed): Promise<void> {
  const wish = hosts.find((host) => host.wish?.deployment === run.goal.id)?.wish;
  const isAnswered = wish !== undefined && isDeepStrictEqual(wish, run.wish);
  run.wish = wish;
  if (wish === undefined) return;
  const { command, operator } = wish;
  if (!isAnswered) await write(run, { kind: "command", command, operator });
  await run.execution.fleet.clearWish?.(wish);
}

async function follow(run: Run, decision: Exclude<Decision, { kind: "end" }>): Promise<void> {
  const { emit } = run.execution;
  switch (decision.kind) {
    case "effects":
      if ((await attemptAll(run, decision.effects)) === "unknown") await reclaim(run);
      return;
    case "hold":
      return hold(run, decision);
    case "turn":
      await write(run, { kind: "turn", problem: decision.problem });
      return emit({ event: "turn", problem: decision.problem });
    case "mark":
      return write(run, { kind: "mark", mark: decision.mark });
    case "stage":
      return write(run, { kind: "stage", stage: decision.stage });
  }
}

/** For a second at most, so that a wish is heard; the judge, where there is one, makes use of it. */
async function hold(run: Run, { until, why, watch }: Decision & { kind: "hold" }): Promise<void> {
  const { emit, clock, signal, again, judge } = run.execution;
  if (run.heldUntil !== until) emit({ event: "hold", why, until });
  run.heldUntil = until;
  const wake = run.interrupted ? again : signal;
  if (watch === undefined || judge === undefined)
    return await clock.sleep(Math.max(1, Math.min(1000, until - clock.now())), wake);
  const finding = await judge.watch(watch, run.facts.known, wake);
  if (finding === null) return;
  await write(run, { kind: "verdict", stage: watch.stage, ...finding });
  const { verdict, why: reason, evidence } = finding;
  emit({ event: "judge", verdict, why: reason, evidence, stage: watch.stage, isDryRun: isDryRun(run.goal) });
}

/** The missing reply may belong to an effect that still runs: a new barrier waits for it or shuts it out. */
async function reclaim(run: Run): Promise<void> {
  const { fleet, operator, clock, emit } = run.execution;
  try {
    run.epoch = await fleet.raiseEpoch(operator);
    await write(run, { kind: "claim", epoch: run.epoch, operator });
  } catch (error) {
    if (!isProblem(error) || error.detail.code === "LOCK_STALE") throw error;
    emit({ event: "warning", problem: error.detail });
  }
  await clock.sleep(500, run.execution.again);
}

/** Before the switch a wish to stop undoes; later the deployment stays as it is, between two effects. */
async function answerInterrupt(run: Run): Promise<ProblemDetail | null> {
  const { signal, again, operator } = run.execution;
  if (again?.aborted === true) return interruptedProblem(run.goal);
  if (signal?.aborted !== true || run.interrupted) return null;
  run.interrupted = true;
  if (run.facts.direction === "back") return null;
  if (hasSwitched(run.facts)) return interruptedProblem(run.goal);
  await write(run, { kind: "command", command: "abort", operator });
  return null;
}

async function end(run: Run, decision: Decision & { kind: "end" }): Promise<Result> {
  const { end, problem } = decision;
  if (run.facts.ended === null) await write(run, { kind: "end", end, problem });
  return finish(run, end, problem);
}

function finish(run: Run, end: Result["end"], problem: ProblemDetail | undefined): Result {
  const { emit, clock } = run.execution;
  const ms = clock.now() - run.startedAt;
  const serves = { new: run.goal.release, old: run.goal.previous, paused: null, interrupted: null }[end];
  if (end !== "interrupted") emit({ event: "end", end, serves, problem, ms });
  return { goal: run.goal, end, problem, ms };
}
