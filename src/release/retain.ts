import type { ReleaseRecord } from "./record.ts";

export interface RetainInput {
  readonly current: string | null;
  readonly keep: number;
  readonly also: readonly string[];
}

const keptFailed = 2;

/**
 * Ids that stay. Only releases that were live count for `keep`, so that failed ones never push out a place to return
 * to; the last two failed ones stay to be inspected. The live one and the one before it stay always.
 */
export function chooseRetained(records: readonly ReleaseRecord[], input: RetainInput): ReadonlySet<string> {
  const newestFirst = [...records].sort((a, b) => (a.id < b.id ? 1 : -1));
  const isTarget = (record: ReleaseRecord): boolean => record.wasLive && !isFailed(record);
  const targets = newestFirst.filter((record) => isTarget(record) || record.id === input.current);
  const before = targets.filter(({ id }) => id !== input.current);
  const retained = new Set([
    ...input.also,
    ...before.slice(0, Math.max(1, input.keep - 1)).map(({ id }) => id),
  ]);
  if (input.current !== null) retained.add(input.current);
  for (const { id } of newestFirst.filter(isFailed).slice(0, keptFailed)) retained.add(id);
  // Staged after the live one: a deployment that has yet to switch.
  for (const { id, state } of records) if (state === "staged" && id > (input.current ?? "")) retained.add(id);
  return retained;
}

function isFailed(record: ReleaseRecord): boolean {
  return record.state === "failed" || record.state === "bad";
}
