import type { BalancerEnd } from "../../fleet/end.ts";
import type { Answered, Comparison } from "../../plan/comparison.ts";
import type { Watch } from "../../plan/decision.ts";
import type { Goal } from "../../plan/record.ts";
import { rolloutOf } from "../../plan/rollout.ts";
import type { Routing, TrafficCounters, Weights } from "../../plan/traffic.ts";
import { tickOfCounters } from "../../proof/judge/counters.ts";
import type { Tick } from "../../proof/judge/tick.ts";

/** What the balancers counted since they were last read, one tick for each service of each. */
export interface Counting {
  read(watch: Watch, at: number): Promise<readonly Tick[]>;
  /** Where the shares of the present stage cannot be held against the weights, and why not. */
  unsplit(): readonly string[];
  /** Servers of the last reading that get nothing, whatever their weight: "lb1 takes web on h1 for down". */
  down(): readonly string[];
}

interface Counted {
  readonly end: BalancerEnd;
  readonly service: string;
  readonly before: readonly TrafficCounters[];
  readonly after: readonly TrafficCounters[];
  /** Server -> share; undefined: there is nothing to divide. */
  readonly expected: Readonly<Record<string, number>> | undefined;
  readonly dividedBy: string | undefined;
}

/** Real requests that a cohort sends are not like the others, so they say nothing while there is one. */
export function countTraffic(goal: Goal, balancers: readonly BalancerEnd[], hasSplit: boolean): Counting {
  let stage = -1;
  let before = new Map<BalancerEnd, readonly TrafficCounters[]>();
  let unsplit: readonly string[] = [];
  let down: readonly string[] = [];
  return {
    down: () => down,
    unsplit: () => (hasSplit ? unsplit : []),
    async read(watch, at) {
      const routes = rolloutOf(goal).stages[watch.stage]?.routing ?? {};
      const open = balancers.filter(({ name }) => routes[name]?.cohort === undefined);
      const read = await Promise.all(
        open.map(async (end) => [end, await end.counters().catch(() => null)] as const),
      );
      const now = new Map(read.flatMap(([end, counters]) => (counters === null ? [] : [[end, counters]])));
      const past = stage === watch.stage ? before : new Map<BalancerEnd, readonly TrafficCounters[]>();
      [stage, before] = [watch.stage, now];
      const all = [...now].flatMap(([end, after]) =>
        countedAt(end, { before: past.get(end) ?? [], after, weights: routes[end.name]?.weights ?? {} }),
      );
      down = all.flatMap(downIn);
      unsplit = [...silent(now, routes), ...all.flatMap(whyUnsplit)];
      const compared = all.find(
        ({ expected, dividedBy }) => expected !== undefined && dividedBy === undefined,
      );
      return all.map((one) => {
        const isCompared = hasSplit && one === compared;
        const of = {
          at,
          canary: watch.canary,
          ...(isCompared ? { expected: one.expected, where: `${one.service} at ${one.end.name}` } : {}),
        };
        return tickOfCounters(one.before, one.after, of);
      });
    },
  };
}

function countedAt(
  end: BalancerEnd,
  { before, after, weights }: Pick<Counted, "before" | "after"> & { readonly weights: Weights },
): readonly Counted[] {
  return servicesOf(after).map((service) => {
    const isOf = (one: TrafficCounters): boolean => one.service === service;
    const own = after.filter(isOf);
    const dividedBy = own.find((one) => one.dividedBy !== undefined)?.dividedBy;
    const expected = sharesOf(weights[service]);
    return { end, service, before: before.filter(isOf), after: own, expected, dividedBy };
  });
}

function downIn({ end, service, after }: Counted): readonly string[] {
  return after.flatMap(({ server, isDown }) =>
    isDown === true ? [`${end.name} takes ${service} on ${server} for down`] : [],
  );
}

function whyUnsplit({ end, service, expected, dividedBy }: Counted): readonly string[] {
  if (expected === undefined || dividedBy === undefined) return [];
  return [`${service} at ${end.name}, which goes by more than weights: ${dividedBy}`];
}

/** Balancers that count nothing, although they divide something. */
function silent(
  counters: ReadonlyMap<BalancerEnd, readonly TrafficCounters[]>,
  routes: Readonly<Record<string, Routing>>,
): readonly string[] {
  return [...counters].flatMap(([{ name }, counted]) => {
    const isDividing = Object.values(routes[name]?.weights ?? {}).some((own) => sharesOf(own) !== undefined);
    return counted.length === 0 && isDividing ? [`${name}, which does not count requests`] : [];
  });
}

function servicesOf(counters: readonly TrafficCounters[]): readonly string[] {
  return [...new Set(counters.map(({ service }) => service))];
}

/** Of the servers with traffic; undefined: there is nothing to divide. */
function sharesOf(
  weights: Readonly<Record<string, number>> | undefined,
): Readonly<Record<string, number>> | undefined {
  const busy = Object.entries(weights ?? {}).filter(([, weight]) => weight > 0);
  const total = busy.reduce((sum, [, weight]) => sum + weight, 0);
  if (busy.length < 2) return undefined;
  return Object.fromEntries(busy.map(([server, weight]) => [server, weight / total]));
}

/** By the first balancer that can. */
export async function askBoth(
  balancers: readonly BalancerEnd[],
  comparison: Comparison,
): Promise<readonly Answered[]> {
  const [first, ...others] = balancers;
  if (first === undefined) throw new Error("There is no balancer that could ask.");
  try {
    return await first.compare(comparison);
  } catch (error) {
    if (others.length === 0) throw error;
    return await askBoth(others, comparison);
  }
}
