import { readRecords } from "../../execute/history.ts";
import type { HostEnd } from "../../fleet/end.ts";
import type { Goal } from "../../plan/record.ts";
import { type Earlier, partsOf, unmeasuredOf } from "../../proof/parts.ts";
import type { Context } from "../deployment/context.ts";
import { isChange } from "./prove.ts";
import { readMeasured } from "./find.ts";

/** What was measured, and what was changed, before a deployment is taken up again. */
export async function earlierParts({ hosts }: Context, goal: Goal): Promise<Earlier> {
  const named = hosts.filter(({ name }) => (goal.anchors ?? goal.hosts).includes(name));
  const [records, proofs] = await Promise.all([readRecords(named, goal.id), proofsOf(hosts, goal.id)]);
  const times = records.flatMap((record) =>
    record.kind === "intent" && isChange(record.effect) ? [record.at] : [],
  );
  return { proofs, unmeasured: unmeasuredOf(times, proofs) };
}

async function proofsOf(hosts: readonly HostEnd[], id: string) {
  const measured = await readMeasured(hosts, id).catch(() => null);
  return measured !== null && "verdict" in measured ? partsOf(measured) : [];
}
