import type { TrafficCounters } from "../../plan/traffic.ts";
import { nothing, plus, type Count, type Tick } from "./tick.ts";

/**
 * What a balancer counted between two readings, as evidence of errors. A try that it repeated elsewhere is bad too: no client
 * saw it, but the server failed. One client may fail many times for one reason, and the balancer does not tell which one it
 * was: so all bad events between the readings weigh as much as one.
 */
export function tickOfCounters(
  before: readonly TrafficCounters[],
  after: readonly TrafficCounters[],
  of: {
    readonly at: number;
    readonly canary: readonly string[];
    readonly expected?: Readonly<Record<string, number>> | undefined;
    readonly where?: string | undefined;
  },
): Tick {
  let canary = nothing;
  let control = nothing;
  const counts: Record<string, number> = {};
  for (const now of after) {
    const past = before.find(({ service, server }) => service === now.service && server === now.server);
    if (past === undefined) continue;
    const count = grown(past, now);
    counts[now.server] = (counts[now.server] ?? 0) + count.total;
    if (of.canary.includes(now.server)) canary = plus(canary, count);
    else control = plus(control, count);
  }
  const split = of.expected === undefined ? undefined : { where: of.where, expected: of.expected, counts };
  const weight = 1 / Math.max(1, canary.bad + control.bad);
  return { at: of.at, signals: { traffic: { canary, control, weight } }, split };
}

/** Counters that went down began anew. */
function grown(past: TrafficCounters, now: TrafficCounters): Count {
  const from = past.requests > now.requests ? null : past;
  const failed = now.failed - (from?.failed ?? 0);
  const repeated = now.retries + now.redispatches - (from === null ? 0 : from.retries + from.redispatches);
  const total = now.requests - (from?.requests ?? 0) + repeated;
  return { total, bad: Math.min(total, failed + repeated) };
}
