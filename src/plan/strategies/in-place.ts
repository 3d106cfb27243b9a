import type { Goal } from "../record.ts";
import type { Routes, Stage } from "./strategy.ts";

/** `hosts` [from, to) in batches; their ports never close, so the balancers are left as `routing` has them. */
export function inPlace(
  goal: Goal,
  order: readonly string[],
  from: number,
  routing: Routes,
): readonly Stage[] {
  const size = batchSize(goal);
  const stages: Stage[] = [];
  for (let start = from; start < order.length; start += size) {
    const to = Math.min(order.length, start + size);
    const says = `the release on ${nameHosts(order.slice(start, to))}`;
    stages.push({ says, from: start, to, emptied: false, routing, holdMs: 0 });
  }
  return stages;
}

function batchSize({ hosts, rollout: { batch } }: Goal): number {
  const size = "count" in batch ? batch.count : Math.floor(batch.share * hosts.length);
  return Math.max(1, size);
}

const mostNames = 4;

/** "web1, web2", and of many "web1, web2 and 8 more". */
export function nameHosts(hosts: readonly string[]): string {
  if (hosts.length <= mostNames) return hosts.join(", ");
  return `${hosts.slice(0, mostNames - 1).join(", ")} and ${hosts.length - mostNames + 1} more`;
}
