import { addRecord, type Facts, noFacts } from "../../plan/facts.ts";
import { isDryRun } from "../../plan/judgement.ts";
import type { Goal, JournalRecord } from "../../plan/record.ts";
import { printable } from "../present/problem.ts";
import { dryRunNote } from "../present/verdict.ts";
import { sayPromoted, seenWhen, stageText } from "./stages.ts";

/** What happened at one moment, beside the steps. */
export interface Moment {
  /** Since the deployment began. */
  readonly atMs: number;
  readonly kind: string;
  readonly says: string;
  readonly tone: "plain" | "good" | "bad";
  readonly evidence: readonly string[];
  /** Of a verdict: what the clients met then, a sentence. */
  readonly seen?: string | undefined;
}

type Told = Pick<Moment, "says" | "tone" | "seen"> & { readonly evidence?: readonly string[] };

/** Records of a kind that this version does not know are told by their name. */
export function momentsOf(records: readonly JournalRecord[], goal: Goal): readonly Moment[] {
  const origin = records[0]?.at ?? 0;
  const facts = noFacts();
  return records.flatMap((record, i) => {
    const told = momentOf(records, i, { goal, facts });
    addRecord(facts, record);
    return told === null ? [] : [{ atMs: record.at - origin, kind: record.kind, ...plain(told) }];
  });
}

/** The deployment, and what was known of it before the record. */
interface Past {
  readonly goal: Goal;
  readonly facts: Facts;
}

function momentOf(records: readonly JournalRecord[], i: number, past: Past): Told | null {
  const record = records[i];
  if (record === undefined || record.kind === "intent" || record.kind === "outcome") return null;
  if (isTakeOver(records[i - 1], record)) return null;
  if (record.kind === "claim") return tellClaim(record, records[i + 1]);
  if (record.kind === "mark" && record.mark === "promoted")
    return sayPromoted(records.slice(0, i), past.goal);
  return tell(record, past);
}

/** Programs paint what they write. */
function plain({ says, evidence = [], ...told }: Told): Omit<Moment, "atMs" | "kind"> {
  return {
    ...told,
    says: printable(says),
    evidence: evidence.flatMap((text) => text.replace(/\n$/, "").split("\n")).map(printable),
  };
}

type Claim = Extract<JournalRecord, { readonly kind: "claim" }>;

/** A command right after the claim says what for it was taken up. */
function isTakeOver(claim: JournalRecord | undefined, next: JournalRecord | undefined): boolean {
  return claim?.kind === "claim" && next?.kind === "command" && claim.operator === next.operator;
}

function tellClaim(claim: Claim, next: JournalRecord | undefined): Told {
  const { operator } = claim;
  const says =
    next?.kind === "command" && isTakeOver(claim, next)
      ? `${operator} took it up again: cutover ${next.command}`
      : `${operator} took hold of it once more: the answer of a server was missing`;
  return { says, tone: "plain" };
}

function tell(
  record: Exclude<JournalRecord, { readonly kind: "intent" | "outcome" | "claim" }>,
  { goal, facts }: Past,
): Told {
  switch (record.kind) {
    case "begin":
      return { says: `${record.operator} began`, tone: "plain" };
    case "turn":
      return { says: `Turned back: ${record.problem.what}`, tone: "bad" };
    case "mark":
      return { says: "Everything is switched", tone: "plain" };
    case "stage":
      return { says: stageText(goal, facts, record.stage), tone: "plain" };
    case "verdict":
      return {
        says: `Judge: ${record.verdict}. ${record.why}${isDryRun(goal) ? dryRunNote : ""}`,
        tone: toneOf(record.verdict),
        evidence: record.evidence,
        seen: seenWhen(goal, facts, record.stage),
      };
    case "command":
      return { says: `${record.operator}: cutover ${record.command}`, tone: "plain" };
    case "end":
      return { says: endings[record.end], tone: record.end === "new" ? "good" : "bad" };
    default:
      return tellUnknown(record);
  }
}

const endings = { new: "Done", old: "Undone", paused: "Paused" } as const;

function toneOf(verdict: string): Moment["tone"] {
  if (verdict === "harm") return "bad";
  return verdict === "sound" ? "good" : "plain";
}

/** Written by a later version. */
function tellUnknown(record: object): Told {
  const kind = "kind" in record ? String(record.kind) : "record";
  const why = "why" in record && typeof record.why === "string" ? `: ${record.why}` : "";
  return { says: `${kind}${why}`, tone: "plain" };
}
