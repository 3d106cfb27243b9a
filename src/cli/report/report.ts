import type { ProblemDetail } from "../../problem.ts";
import type { End, Goal, JournalRecord } from "../../plan/record.ts";
import type { Measured } from "../proof/measure.ts";
import { findingsOf, type Found } from "./findings.ts";
import { momentsOf, type Moment } from "./moments.ts";
import { type JournalRun, journalRunsOf } from "./runs.ts";
import { stepsOf, type Step } from "./steps.ts";

/** One deployment for whoever asks later what happened: plain data, made of its journal and its proof alone. Times in ms. */
export interface Report {
  readonly app: string;
  readonly id: string;
  readonly kind: Goal["kind"];
  readonly strategy: Goal["rollout"]["strategy"];
  readonly release: string;
  readonly previous: string | null;
  readonly revision: string;
  /** Everybody who moved it, in the order they came. */
  readonly operators: readonly string[];
  /** Since the epoch, as all that ends in At. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** More than one: it was interrupted or paused, and taken up again. */
  readonly runs: readonly JournalRun[];
  /** null: nobody has ended it. */
  readonly end: End | null;
  readonly headline: string;
  readonly problem: ProblemDetail | null;
  readonly hosts: readonly HostLine[];
  readonly steps: readonly Step[];
  readonly moments: readonly Moment[];
  readonly findings: readonly Found[];
  /** What to do now, a sentence each. */
  readonly wayOut: readonly string[];
  /** null: it was not measured. */
  readonly measured: Measured | null;
}

/** What one server or balancer had to do with it. */
interface HostLine {
  readonly host: string;
  readonly role: "server" | "balancer";
  readonly steps: number;
  readonly failed: number;
  /** Together, however many ran at once. */
  readonly workMs: number;
}

type Begin = Extract<JournalRecord, { readonly kind: "begin" }>;

/** null: the journal has not even its first record. */
export function reportOf(records: readonly JournalRecord[], measured: Measured | null): Report | null {
  const [first] = records;
  if (first?.kind !== "begin") return null;
  const { goal } = first;
  const steps = stepsOf(records, goal);
  const last = records.findLast((record) => record.kind === "end" || record.kind === "claim");
  const end = last?.kind === "end" ? last.end : null;
  const turned = records.find((record) => record.kind === "turn");
  const problem = (last?.kind === "end" ? last.problem : undefined) ?? turned?.problem ?? null;
  const endedAt = records.at(-1)?.at ?? first.at;
  return {
    app: goal.spec.app,
    id: goal.id,
    kind: goal.kind,
    strategy: goal.rollout.strategy,
    release: goal.release,
    previous: goal.previous,
    revision: goal.revision,
    operators: operatorsOf(first, records),
    startedAt: first.at,
    endedAt,
    runs: journalRunsOf(records),
    end,
    headline: headlineOf(goal, end),
    problem,
    hosts: hostsOf(goal, steps),
    steps,
    moments: momentsOf(records, goal),
    findings: findingsOf(records, problem),
    wayOut: wayOutOf(goal, end, problem),
    measured,
  };
}

function operatorsOf(first: Begin, records: readonly JournalRecord[]): readonly string[] {
  const more = records.flatMap((record) =>
    record.kind === "claim" || record.kind === "command" ? [record.operator] : [],
  );
  return [...new Set([first.operator, ...more])];
}

function headlineOf({ kind, release, previous }: Goal, end: End | null): string {
  const what = { deploy: "deployed", rollback: "rolled back to", converge: "brought up to" }[kind];
  switch (end) {
    case "new":
      return kind === "deploy" ? `Release ${release} is live` : `The app was ${what} release ${release}`;
    case "old":
      return previous === null
        ? `Release ${release} was taken back; nothing is live`
        : `Release ${release} was taken back; ${previous} serves as before`;
    case "paused":
      return `The deployment of release ${release} is paused`;
    case null:
      return `The deployment of release ${release} has not come to an end`;
  }
}

function hostsOf(goal: Goal, steps: readonly Step[]): readonly HostLine[] {
  const named = [
    ...goal.balancers.map((host) => ({ host, role: "balancer" }) as const),
    ...goal.hosts.map((host) => ({ host, role: "server" }) as const),
  ];
  return named.map(({ host, role }) => {
    const own = steps.filter(
      (step) => step.host === host && (step.layer === "traffic") === (role === "balancer"),
    );
    return {
      host,
      role,
      steps: own.length,
      failed: own.filter(({ outcome }) => outcome !== "done").length,
      workMs: own.reduce((sum, { ms }) => sum + (ms ?? 0), 0),
    };
  });
}

function wayOutOf(
  { release, previous }: Goal,
  end: End | null,
  problem: ProblemDetail | null,
): readonly string[] {
  const own = problem?.fix === undefined ? [] : [problem.fix];
  if (end === "new")
    return previous === null || previous === release
      ? []
      : [`cutover rollback ${previous} goes back to the release before.`];
  if (end === "old") return own.length > 0 ? own : ["Correct the release, then deploy again."];
  return own.length > 0
    ? own
    : [
        `cutover resume goes on to release ${release}.`,
        `cutover abort goes back to ${previous ?? "nothing being live"}.`,
      ];
}
