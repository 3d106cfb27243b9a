import type { TrafficEffect } from "../../plan/effect.ts";
import { exits, Problem } from "../../problem.ts";
import type { Hand } from "./by-hand.ts";
import { drained, emptied, sessionsOn } from "./change.ts";
import { refuseAbsentBalancers } from "./servers.ts";

export interface Emptied {
  /** Requests or connections that were still under way at the deadline; null: the balancers cannot tell. */
  readonly left: number | null;
}

/** No new requests for `servers` at any balancer, then waits for those under way. Problem: LAST_SERVER (exit 3). */
export async function emptyServers(
  hand: Hand,
  servers: ReadonlySet<string>,
  options: { readonly mayStopAll: boolean; readonly deadlineMs: number },
): Promise<Emptied> {
  const balancers = refuseAbsentBalancers(hand.observed);
  const changes = balancers.map((view) => ({ view, routing: drained(view.routing, servers) }));
  for (const { view, routing } of changes) {
    const services = options.mayStopAll ? [] : emptied(view, routing);
    if (services.length > 0) throw lastServer(view.host, services, servers);
  }
  const base = { layer: "traffic", release: hand.goal.release } as const;
  const names = [...servers];
  await hand.apply(
    changes.map(({ view, routing }): TrafficEffect => ({
      ...base,
      verb: "switch",
      host: view.host,
      routing,
    })),
  );
  const { deadlineMs } = options;
  await hand.apply(
    balancers.map(({ host }): TrafficEffect => ({
      ...base,
      verb: "drain",
      host,
      servers: names,
      deadlineMs,
    })),
  );
  const counts = (await hand.observe()).balancers.map((view) => sessionsOn(view, servers));
  const known = counts.flatMap((count) => count ?? []);
  return { left: known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0) };
}

/** How long requests have to finish: the longest drain of a service. */
export function drainDeadline({ goal }: Hand): number {
  return Math.max(
    0,
    ...goal.spec.services.filter(({ port }) => port !== undefined).map(({ drainMs }) => drainMs),
  );
}

export function leftText({ left }: Emptied): string {
  if (left === null) return "This balancer does not say what is still under way.";
  return left === 0
    ? "Nothing is under way there any more."
    : `${left} ${left === 1 ? "session is" : "sessions are"} still under way there.`;
}

function lastServer(balancer: string, services: readonly string[], servers: ReadonlySet<string>): Problem {
  const names = [...servers].join(", ");
  return new Problem({
    code: "LAST_SERVER",
    what: `Nobody else would answer requests for ${services.join(", ")}: ${names} is the last server that takes them at ${balancer}.`,
    fix: "Give another one its traffic first (cutover restore HOST), or say --force.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
