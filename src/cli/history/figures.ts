import type { Deployment } from "../../execute/history.ts";

/** How a team ships, from the journals alone. Times in ms. */
export interface DeliveryFigures {
  /** What they are of: since the epoch. */
  readonly from: number;
  readonly to: number;
  /** So many deployments were read, and the older ones of the days asked for are left out; null: none is. */
  readonly newest: number | null;
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
  /** From the first client on a failed change until another one served, the median; null: never needed, or never reached. */
  readonly restoreMs: number | null;
  /** Deploys that ended before any client met them. */
  readonly caught: number;
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

interface Asked {
  readonly days: number;
  readonly now: number;
  /** There are older ones that nobody has read. */
  readonly isCut?: boolean | undefined;
}

/** Of the deployments that began in the last `days` before `now`; `all` is oldest first. */
export function deliveryFigures(all: readonly Deployment[], asked: Asked): DeliveryFigures {
  const { now } = asked;
  const { from, weeks, newest } = spanOf(all, asked);
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
    newest,
    live: live.length,
    perWeek: live.length / weeks,
    leadMs: median(leads),
    leadKnown: leads.length,
    changes: changes.length,
    failed: failures.length,
    failureRate: changes.length === 0 ? null : failures.length / changes.length,
    restoreMs: median(restored),
    caught: deploys.filter(({ end, reachedAt }) => end === "old" && reachedAt === null).length,
  };
}

/** What is known of the days asked for. Of a team that has just begun a week counts: one day of it tells nothing of the next. */
function spanOf(
  all: readonly Deployment[],
  { days, now, isCut = false }: Asked,
): Pick<DeliveryFigures, "from" | "newest"> & { readonly weeks: number } {
  const oldest = all[0]?.startedAt ?? now;
  const since = now - days * dayMs;
  if (isCut && oldest > since)
    return { from: oldest, weeks: weeksIn(now - oldest, dayMs), newest: all.length };
  const from = Math.max(since, Math.min(oldest, now - weekMs));
  return { from, weeks: weeksIn(now - from, oldest > since ? weekMs : dayMs), newest: null };
}

function weeksIn(ms: number, leastMs: number): number {
  return Math.max(ms, leastMs) / weekMs;
}

interface Failure {
  /** null: not restored yet. */
  readonly ms: number | null;
}

/** Undone by itself, or by a rollback that began on it. Where that failed, what took its place later has restored it. */
function failureOf(change: Deployment, all: readonly Deployment[]): readonly Failure[] {
  const { release, end, endedAt, reachedAt } = change;
  if (end === "old") return [{ ms: endedAt - (reachedAt ?? endedAt) }];
  const left = all.filter((one) => one.previous === release && one.startedAt > change.startedAt);
  const back = left.findIndex(({ kind }) => kind === "rollback");
  if (back === -1) return [];
  const restored = left.slice(back).find((one) => one.end === "new" && one.release !== release);
  return [{ ms: restored === undefined ? null : restored.endedAt - (reachedAt ?? restored.startedAt) }];
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
