import type { ProblemDetail } from "../../problem.ts";
import type { End, Goal, JournalRecord } from "../../plan/record.ts";
import type { Measured } from "../proof/measure.ts";
import { findingsOf, type Found } from "./findings.ts";
import { momentsOf, type Moment } from "./moments.ts";
import { type JournalRun, journalRunsOf } from "./runs.ts";
import { measuredNow } from "../proof/so-far.ts";
import { stepsOf, type Step } from "./steps.ts";
import { wayOutOf, waysNow } from "./way-out.ts";

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
  /** Of one under way the moment of the report. */
  readonly endedAt: number;
  /** More than one: it was interrupted or paused, and taken up again. */
  readonly runs: readonly JournalRun[];
  /** null: nobody has ended it. */
  readonly end: End | null;
  /** Somebody is carrying it out at this moment. */
  readonly isUnderWay: boolean;
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

/** null: the journal has not even its first record. `heldAt`: the moment, ms since the epoch, where somebody changes the app in it. */
export function reportOf(
  records: readonly JournalRecord[],
  measured: Measured | null,
  heldAt: number | null = null,
): Report | null {
  const [first] = records;
  if (first?.kind !== "begin") return null;
  const { goal } = first;
  const { end, problem } = endOf(records);
  const runs = journalRunsOf(records);
  const told = {
    runs,
    end,
    problem,
    operators: operatorsOf(first, records),
    startedAt: first.at,
    endedAt: records.at(-1)?.at ?? first.at,
    moments: momentsOf(records, goal),
    findings: findingsOf(records, problem),
    ...aboutOf(goal),
  };
  return heldAt !== null && end === null
    ? { ...told, ...tellUnderWay(records, goal, { runs, measured, now: Math.max(told.endedAt, heldAt) }) }
    : { ...told, ...tellStill(records, goal, { end, problem, measured }) };
}

function aboutOf({
  spec,
  rollout,
  id,
  kind,
  release,
  previous,
  revision,
}: Goal): Pick<Report, "app" | "id" | "kind" | "strategy" | "release" | "previous" | "revision"> {
  return { app: spec.app, id, kind, strategy: rollout.strategy, release, previous, revision };
}

function endOf(records: readonly JournalRecord[]): Pick<Report, "end" | "problem"> {
  const last = records.findLast((record) => record.kind === "end" || record.kind === "claim");
  const turned = records.find((record) => record.kind === "turn")?.problem ?? null;
  return last?.kind === "end"
    ? { end: last.end, problem: last.problem ?? turned }
    : { end: null, problem: turned };
}

/** What depends on whether somebody carries it out while this is read. */
type Now = Pick<Report, "isUnderWay" | "headline" | "hosts" | "steps" | "wayOut" | "measured">;

function tellUnderWay(
  records: readonly JournalRecord[],
  goal: Goal,
  { runs, measured, now }: Pick<Report, "runs" | "measured"> & { readonly now: number },
): Now & Pick<Report, "runs" | "endedAt"> {
  const run = runs.at(-1);
  const steps = stepsOf(records, goal, run?.startedAt ?? null);
  return {
    isUnderWay: true,
    endedAt: now,
    runs: runs.map((one) => (one === run ? { ...one, endedAt: now } : one)),
    headline: underWay(goal, run),
    hosts: hostsOf(goal, steps),
    steps,
    wayOut: waysNow(goal, records),
    measured: measuredNow(measured),
  };
}

function tellStill(
  records: readonly JournalRecord[],
  goal: Goal,
  { end, problem, measured }: Pick<Report, "end" | "problem" | "measured">,
): Now {
  const steps = stepsOf(records, goal);
  return {
    isUnderWay: false,
    headline: headlineOf(goal, end),
    hosts: hostsOf(goal, steps),
    steps,
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

function underWay({ kind, release }: Goal, run: JournalRun | undefined): string {
  const what = { deploy: "deploys", rollback: "rolls back to", converge: "brings servers up to" }[kind];
  return `${run?.operator ?? "Somebody"} ${what} release ${release} at this moment`;
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
      failed: own.filter(({ outcome }) => outcome !== "done" && outcome !== "under way").length,
      workMs: own.reduce((sum, { ms }) => sum + (ms ?? 0), 0),
    };
  });
}
