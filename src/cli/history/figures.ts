import type { Deployment } from "../../execute/history.ts";

/** How a team ships, from the journals alone. Times in ms. */
export interface DeliveryFigures {
  /** What they are of: since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Deploys after which the new release served. */
  readonly live: number;
  readonly perWeek: number;
  /** From the commit until it was live, the median; null: of none the commit is known. */
  readonly leadMs: number | null;
  readonly leadKnown: number;
  /** Deploys that clients met. */
  readonly changes: number;
  /** Of those, undone, or rolled back later. */
  readonly failed: number;
  /** null: there was no change. */
  readonly failureRate: number | null;
  /** From the first client on a failed change until the release before it served again, the median; null: never needed. */
  readonly restoreMs: number | null;
  /** Deploys that ended before any client met them. */
  readonly caught: number;
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** Of the deployments that began in the last `days` before `now`; `all` is oldest first. */
export function deliveryFigures(
  all: readonly Deployment[],
  { days, now }: { readonly days: number; readonly now: number },
): DeliveryFigures {
  const oldest = all[0]?.startedAt ?? now;
  const from = Math.max(now - days * dayMs, Math.min(oldest, now - weekMs));
  const deploys = all.filter(({ kind, startedAt }) => kind === "deploy" && startedAt >= from);
  const live = deploys.filter(({ end }) => end === "new");
  const leads = live.flatMap(({ committedAt, endedAt }) =>
    committedAt === null ? [] : [Math.max(0, endedAt - committedAt)],
  );
  const changes = deploys.filter(({ reachedAt }) => reachedAt !== null);
  const failures = changes.flatMap((change) => failureOf(change, all));
  const restored = failures.flatMap(({ ms }) => ms ?? []);
  return {
    from,
    to: now,
    live: live.length,
    perWeek: live.length / Math.max(1, (now - from) / weekMs),
    leadMs: median(leads),
    leadKnown: leads.length,
    changes: changes.length,
    failed: failures.length,
    failureRate: changes.length === 0 ? null : failures.length / changes.length,
    restoreMs: median(restored),
    caught: deploys.filter(({ end, reachedAt }) => end === "old" && reachedAt === null).length,
  };
}

interface Failure {
  /** null: not restored yet. */
  readonly ms: number | null;
}

/** Undone by itself, or by a rollback that began on it. */
function failureOf(change: Deployment, all: readonly Deployment[]): readonly Failure[] {
  const { release, end, endedAt, reachedAt } = change;
  if (end === "old") return [{ ms: endedAt - (reachedAt ?? endedAt) }];
  const back = all.find(
    (one) => one.kind === "rollback" && one.previous === release && one.startedAt > change.startedAt,
  );
  if (back === undefined) return [];
  return [{ ms: back.end === "new" ? back.endedAt - (reachedAt ?? back.startedAt) : null }];
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
