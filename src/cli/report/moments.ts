import type { Goal, JournalRecord } from "../../plan/record.ts";
import { rolloutOf } from "../../plan/rollout.ts";

/** What happened at one moment, beside the steps. */
export interface Moment {
  /** Since the deployment began. */
  readonly atMs: number;
  readonly kind: string;
  readonly says: string;
  readonly tone: "plain" | "good" | "bad";
  readonly evidence: readonly string[];
}

type Told = Omit<Moment, "atMs" | "kind" | "evidence"> & { readonly evidence?: readonly string[] };

/** Records of a kind that this version does not know are told by their name. */
export function momentsOf(records: readonly JournalRecord[], goal: Goal): readonly Moment[] {
  const origin = records[0]?.at ?? 0;
  return records.flatMap((record, i) => {
    if (record.kind === "intent" || record.kind === "outcome") return [];
    if (isTakeOver(records[i - 1], record)) return [];
    const told = record.kind === "claim" ? tellClaim(record, records[i + 1]) : tell(record, goal);
    return [{ atMs: record.at - origin, kind: record.kind, evidence: [], ...told }];
  });
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
  goal: Goal,
): Told {
  switch (record.kind) {
    case "begin":
      return { says: `${record.operator} began`, tone: "plain" };
    case "turn":
      return { says: `Turned back: ${record.problem.what}`, tone: "bad" };
    case "mark":
      return record.mark === "switched"
        ? { says: "Everything is switched", tone: "plain" }
        : { says: "Watched to the end without harm: the new release stays", tone: "good" };
    case "stage":
      return { says: stageText(goal, record.stage), tone: "plain" };
    case "verdict":
      return {
        says: `Judge: ${record.verdict}. ${record.why}`,
        tone: toneOf(record.verdict),
        evidence: record.evidence,
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

function stageText(goal: Goal, stage: number): string {
  const says = rolloutOf(goal).stages[stage]?.says;
  return `Stage ${stage + 1} reached${says === undefined ? "" : `: ${says}`}`;
}

/** Written by a later version. */
function tellUnknown(record: object): Told {
  const kind = "kind" in record ? String(record.kind) : "record";
  const why = "why" in record && typeof record.why === "string" ? `: ${record.why}` : "";
  return { says: `${kind}${why}`, tone: "plain" };
}
