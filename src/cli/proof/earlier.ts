import { readRecords } from "../../execute/history.ts";
import type { HostEnd } from "../../fleet/end.ts";
import type { Goal, JournalRecord } from "../../plan/record.ts";
import { type Change, type Earlier, partsOf, unmeasuredOf } from "../../proof/parts.ts";
import type { Stretch } from "../../proof/time-axis.ts";
import type { Context } from "../deployment/context.ts";
import { isChange } from "./change.ts";
import { readMeasured } from "./copies.ts";

/** What was measured, and what was changed, before a deployment is taken up again. */
export interface EarlierParts extends Earlier {
  /** Of the deployment. */
  readonly id: string;
  /** Something was begun that clients could feel: whatever is lost from here on, is lost to the deployment. */
  readonly isChanged: boolean;
}

export async function earlierParts({ hosts }: Pick<Context, "hosts">, goal: Goal): Promise<EarlierParts> {
  const named = hosts.filter(({ name }) => (goal.anchors ?? goal.hosts).includes(name));
  const [records, proofs] = await Promise.all([readRecords(named, goal.id), proofsOf(hosts, goal.id)]);
  const changes = changesIn(records);
  return { id: goal.id, proofs, unmeasured: unmeasuredOf(changes, proofs), isChanged: changes.length > 0 };
}

/** From its intent to its outcome; one whose outcome was never written may have been done at any time. */
export function changesIn(records: readonly JournalRecord[]): readonly Change[] {
  const changes = new Map<string, { from: number; to: number | null; run: Stretch }[]>();
  const claims = records.filter(({ kind }) => kind === "begin" || kind === "claim").map(({ at }) => at);
  for (const record of records) {
    if (record.kind !== "intent" && record.kind !== "outcome") continue;
    if (!isChange(record.effect)) continue;
    const key = JSON.stringify(record.effect);
    const alike = changes.get(key) ?? [];
    const last = alike.at(-1);
    if (record.kind === "intent")
      changes.set(key, [...alike, { from: record.at, to: null, run: runAt(record.at, claims) }]);
    else if (last !== undefined) last.to ??= record.at;
  }
  return [...changes.values()].flat();
}

function runAt(moment: number, claims: readonly number[]): Stretch {
  const from = claims.findLast((at) => at <= moment) ?? moment;
  return { from, to: claims.find((at) => at > moment) ?? Number.POSITIVE_INFINITY };
}

async function proofsOf(hosts: readonly HostEnd[], id: string) {
  const measured = await readMeasured(hosts, id).catch(() => null);
  return measured !== null && "verdict" in measured ? partsOf(measured) : [];
}
