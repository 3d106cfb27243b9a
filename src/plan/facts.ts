import type { ProblemDetail } from "../problem.ts";
import type { Effect } from "./effect.ts";
import { effectKey } from "./effect-key.ts";
import type { End, Finding, JournalRecord } from "./record.ts";

/** What the journal knows and nobody can observe: the fold of its records. */
export interface Facts {
  /** The last epoch claimed for this deployment. */
  readonly epoch: number;
  readonly direction: "forward" | "back";
  /** Why it turned back. */
  readonly turned: ProblemDetail | null;
  /** Who asked to abort. */
  readonly abortAsked: string | null;
  /** Keys of effects that were done (or given up with a warning) and leave nothing to observe. */
  readonly done: ReadonlySet<string>;
  /** Keys of every effect begun, done or not, that touches traffic or `current`. */
  readonly switched: ReadonlySet<string>;
  /** "host service" of every service whose instances a switch or drain towards the new release was begun for. */
  readonly touched: ReadonlySet<string>;
  /** Attempts per effect key since the last turn or human command. */
  readonly attempts: ReadonlyMap<string, number>;
  /** A refusal nobody has answered yet. */
  readonly refusal: { readonly effect: Effect; readonly problem: ProblemDetail } | null;
  /** Why the last reply was missing. */
  readonly lastUnknown: string | null;
  readonly switchedAt: number | null;
  /** Forward the highest stage of the rollout that was reached, -1 before the first; on the way back the highest not yet undone. */
  readonly stage: number;
  /** When something was last done: where the time to watch a stage begins. */
  readonly workedAt: number;
  /** A person said to go on without waiting for the present stage's time. */
  readonly promoteAsked: boolean;
  readonly pauseAsked: string | null;
  readonly promoted: boolean;
  /** Of the judge, on the present stage. */
  readonly verdict: Pick<Finding, "verdict" | "why" | "evidence" | "cause"> | null;
  /** The judge's evidence so far, as it was last written down. */
  readonly known: unknown;
  readonly ended: { readonly end: End; readonly problem: ProblemDetail | undefined } | null;
  readonly lastAt: number;
}

/** The same while records are still added to it. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type OpenFacts = Writable<Omit<Facts, "done" | "switched" | "touched" | "attempts">> & {
  readonly done: Set<string>;
  readonly switched: Set<string>;
  readonly touched: Set<string>;
  readonly attempts: Map<string, number>;
};

export function noFacts(): OpenFacts {
  return {
    epoch: 0,
    direction: "forward",
    turned: null,
    abortAsked: null,
    done: new Set(),
    switched: new Set(),
    touched: new Set(),
    attempts: new Map(),
    refusal: null,
    lastUnknown: null,
    switchedAt: null,
    stage: -1,
    workedAt: 0,
    promoteAsked: false,
    pauseAsked: null,
    promoted: false,
    verdict: null,
    known: null,
    ended: null,
    lastAt: 0,
  };
}

export function foldFacts(records: readonly JournalRecord[]): OpenFacts {
  const facts = noFacts();
  for (const record of records) addRecord(facts, record);
  return facts;
}

export function addRecord(facts: OpenFacts, record: JournalRecord): void {
  facts.lastAt = record.at;
  switch (record.kind) {
    case "begin":
    case "claim":
      facts.epoch = record.epoch;
      if (record.kind === "begin") facts.workedAt = record.at;
      return;
    case "intent":
      return addIntent(facts, record.effect);
    case "outcome":
      return addOutcome(facts, record);
    case "turn":
      return addTurn(facts, record.problem);
    case "mark":
      return addMark(facts, record);
    case "stage":
      return addStage(facts, record);
    case "verdict":
      return addVerdict(facts, record);
    case "command":
      return addCommand(facts, record);
    case "end":
      facts.ended = { end: record.end, problem: record.problem };
  }
}

/** The next stage has its own verdict; what is known of the release goes along. */
function addStage(facts: OpenFacts, record: JournalRecord & { kind: "stage" }): void {
  facts.stage = facts.direction === "forward" ? record.stage : record.stage - 1;
  facts.workedAt = record.at;
  facts.promoteAsked = false;
  facts.verdict = null;
}

function addVerdict(facts: OpenFacts, { verdict, why, evidence, cause, known }: Finding): void {
  facts.verdict = { verdict, why, evidence, cause };
  facts.known = known ?? facts.known;
}

function addIntent(facts: OpenFacts, effect: Effect): void {
  const key = effectKey(effect);
  facts.attempts.set(key, (facts.attempts.get(key) ?? 0) + 1);
  const isProcess = effect.layer === "process" && (effect.verb === "switch" || effect.verb === "drain");
  if (isProcess || effect.verb === "switch") facts.switched.add(key);
  if (isProcess && facts.direction === "forward") facts.touched.add(serviceKey(effect.host, effect.service));
}

/** The wish to go on was meant for what came before the verdict. */
function addMark(facts: OpenFacts, record: JournalRecord & { kind: "mark" }): void {
  facts.workedAt = record.at;
  if (record.mark === "switched") facts.switchedAt = record.at;
  else {
    facts.promoted = true;
    facts.promoteAsked = false;
  }
}

function addOutcome(facts: OpenFacts, record: JournalRecord & { kind: "outcome" }): void {
  facts.workedAt = record.at;
  const { effect, outcome } = record;
  if (outcome.outcome === "done" && leavesNoTrace(effect)) facts.done.add(effectKey(effect));
  if (outcome.outcome === "unknown") facts.lastUnknown = outcome.why;
  if (outcome.outcome !== "refused") return;
  if (isCleanup(effect)) facts.done.add(effectKey(effect));
  else facts.refusal = { effect, problem: outcome.problem };
}

/** Every attempt belongs to its direction, so counting starts again; the stage that was begun has to be undone too. */
function addTurn(facts: OpenFacts, problem: ProblemDetail): void {
  facts.direction = "back";
  facts.stage += 1;
  facts.turned = problem;
  facts.verdict = null;
  facts.refusal = null;
  facts.attempts.clear();
}

function addCommand(facts: OpenFacts, record: JournalRecord & { kind: "command" }): void {
  if (record.command === "abort") facts.abortAsked = record.operator;
  facts.pauseAsked = record.command === "pause" ? record.operator : null;
  if (record.command === "promote") facts.promoteAsked = true;
  // Nobody watched in the meantime, so that the time to watch begins anew.
  if (record.command === "resume") facts.workedAt = record.at;
  overrule(facts);
  facts.refusal = null;
  facts.attempts.clear();
  if (facts.ended?.end === "paused") facts.ended = null;
}

/** A person goes on in spite of a verdict: what it was founded on no longer counts. */
function overrule(facts: OpenFacts): void {
  if (facts.verdict !== null && facts.verdict.verdict !== "sound") facts.known = null;
  facts.verdict = null;
}

/** Its failure warns and never fails a deployment. */
export function isCleanup(effect: Effect): boolean {
  if (effect.layer === "hook") return effect.point === "after-deploy" || effect.point === "on-failure";
  return effect.layer === "release" && effect.verb === "drain";
}

/** Whether it was done is in the journal alone. */
export function leavesNoTrace(effect: Effect): boolean {
  if (effect.layer === "release") return effect.verb === "check" || effect.verb === "drain";
  if (effect.layer === "process") return effect.verb === "switch";
  return effect.layer !== "traffic" || effect.verb !== "switch";
}

/** Has traffic or `current` been touched? Before that an undo is invisible. */
export function hasSwitched(facts: Facts): boolean {
  return facts.switched.size > 0;
}

export function serviceKey(host: string, service: string): string {
  return `${host} ${service}`;
}
