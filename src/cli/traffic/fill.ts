import { noRelease, type TrafficEffect } from "../../plan/effect.ts";
import type { Hand } from "./by-hand.ts";
import { restored } from "./change.ts";
import { refuseAbsentBalancers } from "./servers.ts";

/** Asks `servers` through every balancer, and gives them the requests that they had. Problem: TRAFFIC_CHECK. */
export async function fillServers(
  hand: Hand,
  servers: ReadonlySet<string>,
  { isAsked }: { readonly isAsked: boolean },
): Promise<void> {
  const { goal, observed } = hand;
  const balancers = refuseAbsentBalancers(observed);
  if (isAsked) await hand.apply(balancers.flatMap(({ host }) => questions(hand, host, servers)));
  await hand.apply(
    balancers.map(({ host, routing }): TrafficEffect => {
      const next = restored(routing, servers, goal.routing[host]);
      return { layer: "traffic", verb: "switch", host, release: goal.release, routing: next };
    }),
  );
}

/** Each server has to answer as the release that is live there. */
function questions({ observed }: Hand, host: string, servers: ReadonlySet<string>): readonly TrafficEffect[] {
  const releases = new Map<string, string[]>();
  for (const view of observed.hosts) {
    if (!servers.has(view.host)) continue;
    const release = view.current ?? noRelease;
    releases.set(release, [...(releases.get(release) ?? []), view.host]);
  }
  return [...releases].map(([release, names]) => ({
    layer: "traffic",
    verb: "check",
    host,
    release,
    servers: names,
  }));
}
