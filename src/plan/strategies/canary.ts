import type { ProblemDetail } from "../../problem.ts";
import { overlap } from "../replacement/overlap.ts";
import type { Goal } from "../record.ts";
import { withoutTraffic } from "../weights.ts";
import { inPlace, nameHosts } from "./in-place.ts";
import { refuseEmptying, refuseMissingBalancer, refuseUnknownServers } from "./refuse.ts";
import { rolling } from "./rolling.ts";
import { emptiedStages, judgedStage, mapRoutes, takesTraffic, trafficStage } from "./routes.ts";
import type { Rollout, Stage, Strategy } from "./strategy.ts";
import { watchedStages } from "./watched.ts";

/**
 * A few servers get the release in private; the cohort sees it, then growing shares, each watched for its time; then the
 * other servers get it in place and the balancers go back to what they did.
 */
export const canary: Strategy = {
  replacement: overlap,
  rollout: (goal) =>
    goal.hosts.length < 2 || goal.balancers.length === 0 ? rolling.rollout(goal) : rolloutOf(goal),
  refuse(goal) {
    if (goal.hosts.length < 2) return null;
    if (goal.balancers.length === 0) return refuseMissingBalancer(goal);
    const hosts = chooseHosts(goal).few;
    const named = `the canary ${nameHosts(hosts)}`;
    return (
      refuseFewServers(goal) ?? refuseUnknownServers(goal, hosts) ?? refuseEmptying(goal, { named, hosts })
    );
  },
};

function rolloutOf(goal: Goal): Rollout {
  const { routing: before } = goal;
  const { few, rest } = chooseHosts(goal);
  const order = [...few, ...rest];
  const servers = new Set(few);
  const named = `canary ${nameHosts(few)}`;
  const hidden = mapRoutes(before, (routing) => withoutTraffic(routing, servers));
  const watched = watchedStages(goal, { named, hosts: few, hidden, shared: before });
  const stages: Stage[] = [
    ...compared(goal, named, few.length),
    ...emptiedStages(named, { hosts: few, from: 0, before, routing: hidden }),
    ...watched,
  ];
  const routing = watched.at(-1)?.routing ?? hidden;
  stages.push(...inPlace(goal, order, few.length, routing));
  stages.push(judgedStage(goal, trafficStage("everything as it was", order.length, before)));
  return { order, stages, verdict: stages.length - 1 };
}

/** A server that is worse than the others with the same release would make any release look bad. */
function compared({ routing, rollout, previous }: Goal, named: string, count: number): readonly Stage[] {
  const holdMs = rollout.canary?.judge?.hostCheckMs ?? 0;
  if (holdMs === 0 || previous === null) return [];
  const stage = trafficStage(`${named} beside the others`, 0, routing, holdMs);
  return [{ ...stage, watch: "hosts", compared: count }];
}

/** Enough servers for the largest share that is not all of it, out of those that take traffic, and never all of those. */
function chooseHosts(goal: Goal): { readonly few: readonly string[]; readonly rest: readonly string[] } {
  const isBusy = (host: string): boolean => takesTraffic(goal.routing, host);
  const busy = goal.hosts.filter(isBusy);
  const candidates = busy.length < 2 ? goal.hosts : busy;
  const largest = Math.max(0, ...(goal.rollout.canary?.steps ?? []).filter((step) => step < 1));
  const count = Math.min(candidates.length - 1, Math.max(1, Math.ceil(largest * candidates.length - 1e-9)));
  const few = candidates.slice(0, count);
  const chosen = new Set(few);
  return { few, rest: goal.hosts.filter((host) => !chosen.has(host)) };
}

function refuseFewServers(goal: Goal): ProblemDetail | null {
  const busy = goal.hosts.filter((host) => takesTraffic(goal.routing, host));
  if (busy.length > 1 || goal.previous === null) return null;
  return {
    code: "ROLLOUT_FEW_SERVERS",
    what: "A canary needs two servers that take traffic: one for the new release, one for the old.",
    why: busy.length === 0 ? "None of the servers takes traffic." : `Only ${busy.join()} takes traffic.`,
    fix: "Give a server its traffic back with cutover restore, or set rollout.strategy: rolling.",
    exit: 2,
  };
}
