import type { Goal } from "../record.ts";
import { describeMatch } from "../routing.ts";
import { shareTraffic } from "../weights.ts";
import { judgedStage, mapRoutes, trafficStage, withCohort } from "./routes.ts";
import type { Routes, Stage } from "./strategy.ts";

interface Watched {
  /** The servers with the new release, as a person calls them. */
  readonly named: string;
  /** The first hosts of the rollout's order. */
  readonly hosts: readonly string[];
  /** Nothing but the cohort gets to them yet. */
  readonly hidden: Routes;
  /** Weights of all who share the traffic. */
  readonly shared: Routes;
}

/** The cohort first, then growing shares below all of it, each watched for its time. */
export function watchedStages(goal: Goal, { named, hosts, hidden, shared }: Watched): readonly Stage[] {
  const { match, steps = [], holdMs } = goal.rollout.canary ?? {};
  const servers = new Set(hosts);
  const cohort = (routes: Routes): Routes =>
    match === undefined ? routes : withCohort(routes, match, hosts);
  const stage = (says: string, routes: Routes): Stage =>
    judgedStage(goal, trafficStage(`${says} to ${named}`, hosts.length, cohort(routes), holdMs));
  const shares = steps.filter((share) => share < 1);
  return [
    ...(match === undefined ? [] : [stage(describeMatch(match), hidden)]),
    ...shares.map((share) =>
      stage(
        `${percent(share)} of ${nameServices(shared)}`,
        mapRoutes(shared, (routing) => shareTraffic(routing, servers, share)),
      ),
    ),
  ];
}

function nameServices(routes: Routes): string {
  const names = Object.values(routes).flatMap(({ weights }) => Object.keys(weights));
  return [...new Set(names)].join(" and ");
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
