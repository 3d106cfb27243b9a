import type { Effect, Outcome } from "../../plan/effect.ts";
import { effectKey } from "../../plan/effect-key.ts";
import type { Goal, JournalRecord } from "../../plan/record.ts";
import { stepText } from "../present/step-text.ts";

/** One effect on one host, from its intent to its outcome. */
export interface Step {
  readonly host: string;
  readonly layer: Effect["layer"];
  readonly verb: Effect["verb"];
  readonly sentence: string;
  readonly detail: string | undefined;
  readonly namesItsHost: boolean;
  /** Since the deployment began. */
  readonly fromMs: number;
  /** null: its outcome has not reached the journal. */
  readonly ms: number | null;
  readonly outcome: Outcome["outcome"] | "open" | "under way";
  /** Why it failed, or what it noted. */
  readonly notes: readonly string[];
}

/** In the order in which they were begun. `liveFrom`: since when somebody carries it out, ms since the epoch; null: nobody does. */
export function stepsOf(
  records: readonly JournalRecord[],
  goal: Goal,
  liveFrom: number | null = null,
): readonly Step[] {
  const origin = records[0]?.at ?? 0;
  const steps: Step[] = [];
  const open = new Map<string, number>();
  for (const record of records) {
    if (record.kind === "intent") {
      open.set(effectKey(record.effect), steps.length);
      steps.push(begun(record.effect, goal, record.at - origin));
    }
    if (record.kind !== "outcome") continue;
    const index = open.get(effectKey(record.effect));
    const step = index === undefined ? undefined : steps[index];
    if (index === undefined || step === undefined) continue;
    steps[index] = {
      ...step,
      ms: Math.max(0, record.at - origin - step.fromMs),
      outcome: record.outcome.outcome,
      notes: notesOf(record.outcome),
    };
  }
  const isLive = ({ ms, fromMs }: Step): boolean =>
    ms === null && liveFrom !== null && origin + fromMs >= liveFrom;
  return steps.map((step) => (isLive(step) ? { ...step, outcome: "under way" } : step));
}

function begun(effect: Effect, goal: Goal, fromMs: number): Step {
  const { host, layer, verb } = effect;
  return { host, layer, verb, ...stepText(effect, goal), fromMs, ms: null, outcome: "open", notes: [] };
}

function notesOf(outcome: Outcome): readonly string[] {
  switch (outcome.outcome) {
    case "done":
      return outcome.notes ?? [];
    case "refused":
      return [outcome.problem.what];
    case "unknown":
      return [outcome.why];
    case "stale":
      return [`another operator took over (epoch ${outcome.epoch})`];
  }
}

/** The same step on several hosts at once. */
export interface StepGroup {
  readonly step: Step;
  readonly hosts: readonly string[];
  readonly fromMs: number;
  /** null: one of them is open. */
  readonly ms: number | null;
  readonly notes: readonly string[];
}

/** Neighbours that say the same and ended alike, as one. */
export function groupSteps(steps: readonly Step[]): readonly StepGroup[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const open = groups.findLast(([first]) => first !== undefined && isAlike(first, step));
    const isBeside = open?.some((other) => step.fromMs <= other.fromMs + (other.ms ?? 0)) ?? false;
    const isNew = open?.every(({ host }) => host !== step.host) ?? false;
    if (open !== undefined && isBeside && isNew) open.push(step);
    else groups.push([step]);
  }
  return groups.flatMap((group) => {
    const [step] = group;
    return step === undefined ? [] : [merged(step, group)];
  });
}

function isAlike(one: Step, other: Step): boolean {
  return one.sentence === other.sentence && one.detail === other.detail && one.outcome === other.outcome;
}

function merged(step: Step, group: readonly Step[]): StepGroup {
  const isOpen = group.some(({ ms }) => ms === null);
  const to = Math.max(...group.map(({ fromMs, ms }) => fromMs + (ms ?? 0)));
  return {
    step,
    hosts: group.map(({ host }) => host),
    fromMs: step.fromMs,
    ms: isOpen ? null : to - step.fromMs,
    notes: [...new Set(group.flatMap(({ notes }) => notes))],
  };
}
