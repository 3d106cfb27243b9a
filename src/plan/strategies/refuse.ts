import type { ProblemDetail } from "../../problem.ts";
import type { Goal } from "../record.ts";
import { nameHosts } from "./in-place.ts";
import { knows, leastServers } from "./routes.ts";

export function refuseMissingBalancer({ rollout, hosts }: Goal): ProblemDetail {
  return {
    code: "ROLLOUT_NO_BALANCER",
    what: `A ${rollout.strategy} deployment of ${hosts.length} servers needs a balancer that moves the traffic.`,
    why: "Without traffic.hosts nobody can keep requests away from the servers that are not ready.",
    fix: "Name the balancer with traffic.engine, traffic.hosts and traffic.backends, or set rollout.strategy: rolling.",
    exit: 2,
  };
}

export function refuseUnknownServers(goal: Goal, hosts: readonly string[]): ProblemDetail | null {
  for (const [balancer, routing] of Object.entries(goal.routing)) {
    if (hosts.some((host) => knows(routing, host))) continue;
    return {
      code: "ROLLOUT_UNKNOWN_SERVERS",
      what: `${balancer} sends requests to none of ${nameHosts(hosts)}.`,
      why: `Its backends hold ${serversOf(goal, balancer)}.`,
      fix: "Add the servers to the backend, or correct traffic.backends and traffic.addresses.",
      exit: 2,
    };
  }
  return null;
}

function serversOf({ routing }: Goal, balancer: string): string {
  const names = Object.values(routing[balancer]?.weights ?? {}).flatMap((servers) => Object.keys(servers));
  return names.length === 0 ? "no server that this app has" : nameHosts([...new Set(names)]);
}

interface Emptying {
  readonly named: string;
  readonly hosts: readonly string[];
  /** Take the traffic meanwhile, also those that have none now. */
  readonly instead?: readonly string[] | undefined;
}

/** Would too few servers be left while `hosts` take no traffic? */
export function refuseEmptying(goal: Goal, { named, hosts, instead = [] }: Emptying): ProblemDetail | null {
  const emptied = new Set(hosts);
  const added = new Set(instead);
  for (const [balancer, { weights }] of Object.entries(goal.routing))
    for (const [service, servers] of Object.entries(weights)) {
      const left = Object.entries(servers).filter(
        ([server, weight]) => !emptied.has(server) && (weight > 0 || added.has(server)),
      ).length;
      const least = leastServers(goal, balancer, service);
      if (left >= least) continue;
      return {
        code: "ROLLOUT_CAPACITY",
        what: `While ${named} is replaced, ${left} ${left === 1 ? "server" : "servers"} of ${service} would take the traffic of ${balancer}, and ${least} are needed.`,
        why: `rollout.capacity keeps ${Math.round((goal.rollout.capacity ?? 0.5) * 100)} % of the servers in traffic at every moment.`,
        fix: "Move servers between the halves, make the steps of the canary smaller, lower rollout.capacity, or set rollout.strategy: rolling.",
        exit: 2,
      };
    }
  return null;
}
