import type { Watch } from "../../plan/decision.ts";
import type { Answered } from "../../plan/comparison.ts";
import type { Finding, Goal } from "../../plan/record.ts";
import { nameHosts } from "../../plan/strategies/in-place.ts";
import { explain } from "../../proof/judge/explain.ts";
import { explainSplit, splitFault } from "../../proof/judge/explain-split.ts";
import type { Verdict } from "../../proof/judge/verdict.ts";

/** What was seen in the present stage alone. */
export interface Seen {
  readonly answers: Record<Answered["arm"], number>;
  /** "web on h1, GET /: status 500" -> how often. */
  readonly faults: Record<Answered["arm"], Map<string, number>>;
  /** Why nobody could be asked. */
  unasked: string | null;
}

const leastAnswers = 20;
const shownFaults = 3;

export function seeNothing(): Seen {
  return {
    answers: { canary: 0, control: 0 },
    faults: { canary: new Map(), control: new Map() },
    unasked: null,
  };
}

export function see(seen: Seen, answers: readonly Answered[]): void {
  for (const { arm, server, service, path, fault } of answers) {
    seen.answers[arm] += 1;
    if (fault === undefined) continue;
    const text = `${service} on ${server}, GET ${path}: ${fault}`;
    seen.faults[arm].set(text, (seen.faults[arm].get(text) ?? 0) + 1);
  }
}

/** For a person: signal by signal, then what the canary's failures were. */
export function evidenceOf(
  verdict: Verdict,
  seen: Seen,
  about: {
    readonly watch: Watch;
    readonly slowAboveMs: readonly number[];
    /** Why nobody holds the shares against what the balancer was told. */
    readonly unsplit: readonly string[];
    /** Servers that the balancer takes for down. */
    readonly down: readonly string[];
  },
): readonly string[] {
  const { kind, canary } = about.watch;
  const names =
    kind === "hosts"
      ? { canary: nameHosts(canary), control: "others", isBrief: verdict.verdict !== "abort" }
      : undefined;
  const shares = kind === "release" ? explainSplit(verdict.split, about) : [];
  const isFirst = verdict.split?.isAsTold === false;
  return [
    ...(isFirst ? shares : []),
    ...explain(verdict, names),
    ...(isFirst ? [] : shares),
    ...thresholdLine(verdict, about.slowAboveMs),
    ...faultLines(seen.faults.canary),
  ];
}

function thresholdLine({ signals }: Verdict, limits: readonly number[]): readonly string[] {
  const slow = signals.find(({ name }) => name === "slow");
  if (slow === undefined || slow.canary.total === 0 || slow.finding === "sound" || limits.length === 0)
    return [];
  const texts = new Set([Math.min(...limits), Math.max(...limits)].map((ms) => `${Math.round(ms)} ms`));
  return [
    `slow     is what takes over ${[...texts].join(" to ")}; of the old, nine of ten answers were quicker`,
  ];
}

function faultLines(faults: ReadonlyMap<string, number>): readonly string[] {
  const most = mostOf(faults).slice(0, shownFaults);
  const times = (count: number): string =>
    count === 1 ? "once" : `${count} times; a burst of them weighs like one`;
  return most.map(([text, count]) => `failed   ${text} (${times(count)})`);
}

const harms: Readonly<Record<string, string>> = {
  errors: "it fails more requests",
  traffic: "the balancer counts more failures",
  slow: "it is slower",
  check: "the check of your own finds more fault",
};

export function harmOf(verdict: Verdict, { kind }: Watch): string {
  const found = verdict.signals.filter(({ finding }) => finding === "harmful");
  const text = found.map(({ name }) => harms[name] ?? name).join(", and ");
  const than = { hosts: "the other servers", release: "the old release", bake: "the old release before" }[
    kind
  ];
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} than ${than}.`;
}

/** Nothing that could still be seen in this stage would change the finding, but harm. */
export function isSettled({ verdict }: Verdict, seen: Seen): boolean {
  return isMeasured(seen) && (verdict !== "hold" || failsEverywhere(seen) !== null);
}

function isMeasured({ answers }: Seen): boolean {
  return Math.min(answers.canary, answers.control) >= leastAnswers;
}

/** What was seen in this stage; nothing of it is made up for by what was seen earlier. */
export function conclude(
  verdict: Verdict,
  seen: Seen,
  { watch, goal }: { readonly watch: Watch; readonly goal: Goal },
): Omit<Finding, "evidence"> {
  if (!isMeasured(seen)) return inconclusive(unmeasured(seen));
  if (watch.kind === "hosts") return compareHosts(seen);
  if (verdict.verdict === "promote")
    return { verdict: "sound", why: `Release ${goal.release} is as good as release ${goal.previous}.` };
  if (verdict.split?.isAsTold === false)
    return { ...inconclusive(splitFault(verdict.split)), cause: "split" };
  const example = failsEverywhere(seen);
  return inconclusive(
    example === null
      ? notSettled(verdict)
      : `Both releases fail most of what the judge asks (${example}), so that tells nothing of the new one.`,
  );
}

/** An example; null: one of the two answers well. */
function failsEverywhere(seen: Seen): string | null {
  const isFailing = failsMost(seen, "canary") && failsMost(seen, "control");
  return isFailing ? (mostOf(seen.faults.control)[0]?.[0] ?? "") : null;
}

/** More than half of what it was asked. */
export function failsMost({ answers, faults }: Seen, arm: Answered["arm"]): boolean {
  return failedOf(faults[arm]) * 2 > answers[arm];
}

function failedOf(faults: ReadonlyMap<string, number>): number {
  return [...faults.values()].reduce((sum, count) => sum + count, 0);
}

function mostOf(faults: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...faults].toSorted(([, one], [, other]) => other - one);
}

/** Where the old release is what fails, the new one is perhaps what mends it: it is held against that. */
function compareHosts(all: Seen): Omit<Finding, "evidence"> {
  const { answers, faults } = all;
  if (!failsMost(all, "control"))
    return { verdict: "sound", why: "The servers of the canary are as good as the others." };
  const failed = failedOf(faults.control);
  const example = mostOf(faults.control)[0]?.[0] ?? "";
  const seen = `The release that serves now fails ${failed} of ${answers.control} requests of the judge (${example})`;
  if (isWronglyAsked(example)) return inconclusive(`${seen}, so they tell nothing.`);
  return { verdict: "sound", why: `${seen}, and the servers of the canary do no worse.` };
}

/** The server says that the question is wrong, not that something is wrong with the server. */
function isWronglyAsked(fault: string): boolean {
  return /: status [34]\d\d$/.test(fault);
}

function unmeasured({ unasked, answers: { canary, control } }: Seen): string {
  const got = `The judge got ${canary} ${canary === 1 ? "answer" : "answers"} of the canary and ${control} of the others.`;
  return unasked === null ? got : `${got} ${unasked}`;
}

function notSettled({ signals }: Verdict): string {
  const open = signals.filter(({ finding, name }) => finding === "open" && name !== "traffic");
  return `In the time given this could not be settled: ${open.map(({ name }) => name).join(", ")}.`;
}

function inconclusive(why: string): Omit<Finding, "evidence"> {
  return { verdict: "inconclusive", why };
}
