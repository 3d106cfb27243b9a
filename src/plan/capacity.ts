import type { ProblemDetail } from "../problem.ts";
import type { Situation } from "./decision.ts";
import type { HostView } from "./fleet.ts";
import { runsHere } from "./phase.ts";
import { leastServers } from "./strategies/routes.ts";
import type { BalancerView, Routing } from "./traffic.ts";

/** Why this routing would leave too few checked servers with traffic; null: it may come. Linear in servers. */
export function missingCapacity(
  situation: Situation,
  balancer: BalancerView,
  routing: Routing,
): ProblemDetail | null {
  const { goal, facts } = situation;
  // A first deployment goes back to nothing, so there is no capacity to keep.
  if (facts.direction === "back" && goal.previous === null) return null;
  const hosts = new Map(situation.hosts.map((host) => [host.host, host]));
  for (const [service, servers] of Object.entries(routing.weights)) {
    const isChecked = (name: string): boolean => {
      const host = hosts.get(name);
      return host === undefined || serves(situation, host, service);
    };
    const now = balancer.routing.weights[service] ?? {};
    const checked = Object.keys(servers).filter(isChecked);
    const before = checked.filter((server) => (now[server] ?? 0) > 0).length;
    const after = checked.filter((server) => (servers[server] ?? 0) > 0).length;
    const least = Math.min(leastServers(goal, balancer.host, service), before);
    if (after < least) return capacityProblem(balancer, service, after, before);
  }
  return null;
}

/** Does the host answer requests of the service? What another program serves there is that program's to know. */
function serves({ goal }: Situation, host: HostView, name: string): boolean {
  const service = goal.spec.services.find((one) => one.name === name);
  if (service === undefined || !runsHere(service)) return host.current !== null;
  const view = host.services.find((one) => one.name === name);
  return view?.instances.some((one) => one.state === "open") ?? false;
}

function capacityProblem(
  { host }: BalancerView,
  service: string,
  after: number,
  before: number,
): ProblemDetail {
  const count = (servers: number): string => `${servers} ${servers === 1 ? "server" : "servers"}`;
  return {
    code: "CAPACITY_SHORT",
    what: `The next step would leave ${count(after)} of ${service} with traffic on ${host}, out of ${before} now.`,
    why: "The other servers run no checked instance, so they cannot take over.",
    fix: "Bring them up (cutover status, cutover logs).",
  };
}
