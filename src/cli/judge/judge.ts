import { dirname } from "node:path";
import type { Answered } from "../../plan/comparison.ts";
import type { Watch } from "../../plan/decision.ts";
import type { Judge } from "../../plan/fleet-port.ts";
import type { Finding, Goal } from "../../plan/record.ts";
import type { JudgeSpec } from "../../plan/spec.ts";
import {
  addAnswers,
  addEvidence,
  type Baseline,
  isKnown,
  type Known,
  learnSpeed,
  nothingKnown,
  settingsAlone,
} from "../../proof/judge/canary.ts";
import type { JudgeSettings } from "../../proof/judge/settings.ts";
import type { Tick } from "../../proof/judge/tick.ts";
import { verdictOf } from "../../proof/judge/verdict.ts";
import type { Io } from "../command.ts";
import type { Context } from "../deployment/context.ts";
import { type Checks, openChecks } from "./check.ts";
import {
  conclude,
  evidenceOf,
  failsMost,
  harmOf,
  isSettled,
  see,
  seeNothing,
  type Seen,
} from "./findings.ts";
import { asksOf, hostSettings, settingsOf, withoutSpeed } from "./settings.ts";
import { askBoth, countTraffic, type Counting } from "./sources.ts";

const tickMs = 1000;
const leastTickMs = 200;
const checkTimeoutMs = 20_000;

/** One stage as it is judged. */
interface Sitting {
  readonly stage: number;
  readonly kind: Watch["kind"];
  readonly settings: JudgeSettings;
  readonly seen: Seen;
  /** null: the user has none. */
  readonly checks: Checks | null;
  known: Known;
  /** Under way. */
  next: Promise<Stretch> | null;
}

interface Court {
  readonly goal: Goal;
  readonly judge: JudgeSpec;
  readonly context: Context;
  readonly io: Io;
  readonly baseline: Baseline;
  readonly counting: Counting;
  /** Of the release, over its stages; null: none yet. */
  known: Known | null;
  sitting: Sitting | null;
}

/** The judge of a deployment; undefined: nobody asked for one. */
export function openJudge(context: Context, io: Io, goal: Goal): Judge | undefined {
  const judge = goal.rollout.canary?.judge;
  if (judge === undefined) return undefined;
  const counting = countTraffic(goal, context.balancers, judge.split);
  const court: Court = {
    goal,
    judge,
    context,
    io,
    baseline: new Map(),
    counting,
    known: null,
    sitting: null,
  };
  return {
    async watch(watch, known) {
      const sitting = sitDown(court, watch, known);
      await gather(court, sitting, watch);
      const finding = rule(court, sitting, watch);
      if (finding !== null) sitting.checks?.stop();
      return finding;
    },
  };
}

/** What is known of the release goes from stage to stage; the servers are another matter. */
function sitDown(court: Court, watch: Watch, journaled: unknown): Sitting {
  const { stage, kind } = watch;
  const last = court.sitting;
  if (last?.stage === stage && last.kind === kind) return last;
  last?.checks?.stop();
  const all = settingsOf(court.judge);
  court.known ??= isKnown(journaled) ? journaled : nothingKnown(all, Date.now());
  const before = court.known;
  const settings = {
    hosts: () => hostSettings(all),
    release: () => all,
    bake: () => settingsAlone(all, before.case),
  }[kind]();
  const known = kind === "release" ? before : { ...before, case: nothingKnown(settings, Date.now()).case };
  const checks = kind === "hosts" ? null : checksOf(court);
  court.sitting = { stage, kind, settings, seen: seeNothing(), checks, known, next: null };
  return court.sitting;
}

function checksOf({ judge: { check: command }, context, io }: Court): Checks | null {
  if (command === undefined) return null;
  return openChecks({ command, cwd: dirname(context.config.file), env: io.env, timeoutMs: checkTimeoutMs });
}

/** The next stretch is under way while the loop decides on this one, so that nothing goes unasked. */
async function gather(court: Court, sitting: Sitting, watch: Watch): Promise<void> {
  sitting.next ??= stretch(court, sitting, watch);
  const { answers, ticks, unasked } = await sitting.next;
  sitting.next = Date.now() < watch.until - leastTickMs ? stretch(court, sitting, watch) : null;
  const { settings, seen } = sitting;
  if (unasked !== null && seen.unasked !== unasked)
    court.io.emit({ event: "note", text: `The judge cannot ask: ${unasked}` });
  seen.unasked = unasked;
  see(seen, answers);
  const isBefore = watch.kind === "hosts";
  const releases = { canary: isBefore ? "old" : "new", control: "old" };
  let known = addAnswers(sitting.known, answers, { at: Date.now(), settings, releases });
  for (const tick of [...ticks, ...(sitting.checks?.take() ?? [])])
    known = addEvidence(known, tick, settings);
  const old = isBefore ? (["canary", "control"] as const) : (["control"] as const);
  sitting.known = learnSpeed(known, court.baseline, answers, old);
  remember(court, sitting);
}

interface Stretch {
  readonly answers: readonly Answered[];
  readonly ticks: readonly Tick[];
  readonly unasked: string | null;
}

/** About a second of it. Never rejects. */
async function stretch(court: Court, { checks }: Sitting, watch: Watch): Promise<Stretch> {
  beginCheck(court, checks, watch);
  const forMs = Math.min(tickMs, Math.max(leastTickMs, watch.until - Date.now()));
  const [asked, ticks] = await Promise.all([
    ask(court, watch, forMs),
    watch.kind === "hosts" ? [] : court.counting.read(watch, Date.now()),
  ]);
  return { ...asked, ticks };
}

function remember(court: Court, { kind, known }: Sitting): void {
  const { slowAboveMs, warmth } = known;
  court.known = kind === "release" || court.known === null ? known : { ...court.known, slowAboveMs, warmth };
}

async function ask(
  { context, goal, judge }: Court,
  { canary, control }: Watch,
  forMs: number,
): Promise<Pick<Stretch, "answers" | "unasked">> {
  const { ratePerSecond, site } = judge;
  const asks = asksOf(goal, judge);
  try {
    if (asks.length === 0) throw new Error("No service behind the balancer has a path that could be asked.");
    const comparison = { canary, control, asks, ratePerSecond, forMs, site };
    return { answers: await askBoth(context.balancers, comparison), unasked: null };
  } catch (error) {
    await new Promise((resolve) => setTimeout(resolve, forMs));
    return { answers: [], unasked: error instanceof Error ? error.message : String(error) };
  }
}

function beginCheck({ goal }: Court, checks: Checks | null, watch: Watch): void {
  const [canary] = watch.canary;
  const [control] = watch.control;
  const { release, previous } = goal;
  if (canary === undefined) return;
  const pair = {
    canary: { host: canary, release },
    control: control === undefined ? undefined : { host: control, release: previous ?? "" },
  };
  checks?.begin(pair, watch.until - Date.now());
}

function rule(
  { goal, io, counting }: Court,
  { settings, seen, known }: Sitting,
  watch: Watch,
): Finding | null {
  const at = Date.now();
  const isControlBroken = failsMost(seen, "control");
  const verdict = verdictOf(known.case, isControlBroken ? withoutSpeed(settings) : settings, at);
  const evidence = evidenceOf(verdict, seen, {
    watch,
    slowAboveMs: Object.values(known.slowAboveMs),
    unsplit: counting.unsplit(),
    down: counting.down(),
  });
  const kept = watch.kind === "release" ? { known } : {};
  if (verdict.verdict === "abort") return { verdict: "harm", why: harmOf(verdict, watch), evidence, ...kept };
  const isOver = at >= watch.until || (at >= watch.least && isSettled(verdict, seen));
  if (watch.kind !== "bake" && isOver)
    return { ...conclude(verdict, seen, { watch, goal }), evidence, ...kept };
  const { stage } = watch;
  io.emit({ event: "judge", verdict: "open", why: verdict.why, evidence, stage, isDryRun: false });
  return null;
}
