import type { BalancerEnd } from "../../fleet/end.ts";
import type { Answered, Comparison } from "../../plan/comparison.ts";
import type { Watch } from "../../plan/decision.ts";
import type { Goal } from "../../plan/record.ts";
import { rolloutOf } from "../../plan/rollout.ts";
import type { TrafficCounters } from "../../plan/traffic.ts";
import { oneBad, tickOfCounters } from "../../proof/judge/counters.ts";
import type { Tick } from "../../proof/judge/tick.ts";

/** What the balancers counted since they were last read, one tick for each service of each. */
export interface Counting {
  read(watch: Watch, at: number): Promise<readonly Tick[]>;
}

/** Real requests that a cohort sends are not like the others, so they say nothing while there is one. */
export function countTraffic(goal: Goal, balancers: readonly BalancerEnd[], hasSplit: boolean): Counting {
  let stage = -1;
  let before = new Map<BalancerEnd, readonly TrafficCounters[]>();
  return {
    async read(watch, at) {
      const routes = rolloutOf(goal).stages[watch.stage]?.routing ?? {};
      const now = new Map<BalancerEnd, readonly TrafficCounters[]>();
      await Promise.all(
        balancers.map(async (end) => {
          if (routes[end.name]?.cohort !== undefined) return;
          const counters = await end.counters().catch(() => null);
          if (counters !== null) now.set(end, counters);
        }),
      );
      const past = stage === watch.stage ? before : new Map<BalancerEnd, readonly TrafficCounters[]>();
      [stage, before] = [watch.stage, now];
      return [...now].flatMap(([end, after], place) =>
        servicesOf(after).map((service, order) => {
          const of = (counters: readonly TrafficCounters[]) =>
            counters.filter((one) => one.service === service);
          const isFirst = place === 0 && order === 0;
          const isSticky = of(after).some((one) => one.isSticky === true);
          const expected =
            hasSplit && isFirst && !isSticky ? sharesOf(routes[end.name]?.weights[service]) : undefined;
          const tick = tickOfCounters(of(past.get(end) ?? []), of(after), {
            at,
            canary: watch.canary,
            expected,
          });
          return oneBad(tick, Math.random());
        }),
      );
    },
  };
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
