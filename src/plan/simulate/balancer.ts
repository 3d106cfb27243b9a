import type { TrafficEffect } from "../effect.ts";
import type { Routing } from "../traffic.ts";
import type { Rules, SimulatedBalancer, SimulatedHost } from "./world.ts";

interface Applied {
  readonly balancer: SimulatedBalancer;
  /** Code of the refusal. */
  readonly refused: string | null;
}

/** One balancer, as far as a decision can see it; `findHost` knows the servers behind it. */
export function applyTraffic(
  rules: Rules,
  balancer: SimulatedBalancer,
  effect: TrafficEffect,
  findHost: (name: string) => SimulatedHost | undefined,
): Applied {
  switch (effect.verb) {
    case "switch": {
      const lingering = lingeringAfter(balancer, effect.routing);
      return { balancer: { ...balancer, routing: effect.routing, lingering }, refused: null };
    }
    case "drain": {
      const drained = new Set(effect.servers);
      const lingering = balancer.lingering.filter((server) => !drained.has(server));
      return { balancer: { ...balancer, lingering }, refused: null };
    }
    case "check": {
      const seen = effect.servers.map((server) => [server, findHost(server)?.current ?? null] as const);
      const isBad = seen.some(([, release]) => rules.faults.get(release ?? "")?.answer === true);
      if (isBad) return { balancer, refused: "TRAFFIC_CHECK_FAILED" };
      const answered = { ...balancer.answered, ...Object.fromEntries(seen) };
      return { balancer: { ...balancer, answered }, refused: null };
    }
  }
}

/** Who loses its new requests still has the old ones; who gets new ones is simply busy. */
function lingeringAfter(balancer: SimulatedBalancer, routing: Routing): readonly string[] {
  const before = busyServers(balancer.routing);
  const after = busyServers(routing);
  return [...new Set([...balancer.lingering, ...before])].filter((server) => !after.has(server));
}

export function busyServers({ weights, cohort }: Routing): ReadonlySet<string> {
  const busy = new Set(cohort?.servers);
  for (const servers of Object.values(weights))
    for (const [server, weight] of Object.entries(servers)) if (weight > 0) busy.add(server);
  return busy;
}
