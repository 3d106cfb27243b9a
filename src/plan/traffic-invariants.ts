import { type Effect, noRelease } from "./effect.ts";
import type { Step, Violation } from "./invariants.ts";
import { releaseBefore } from "./previous.ts";
import type { Goal } from "./record.ts";
import { equalRouting } from "./routing.ts";
import { busyServers } from "./simulate/balancer.ts";
import {
  findService,
  type SimulatedBalancer,
  type SimulatedHost,
  type SimulatedInstance,
  type SimulatedService,
  type World,
} from "./simulate/world.ts";
import { leastServers } from "./strategies/routes.ts";

/** The promises that need a balancer, held against one effect that was let through. */
export function checkTraffic(step: Step): Violation | null {
  if (step.before.balancers.length === 0) return null;
  return (
    checkServers(step, isOpenSoon) ??
    (step.effect.layer === "traffic" ? checkNewcomers(step) : checkUnderWay(step))
  );
}

/** What is decided leaves enough servers that are checked now; what dies in the next moment nobody can know. */
export function checkRoutingDecision(goal: Goal, world: World, effects: readonly Effect[]): Violation | null {
  for (const effect of effects) {
    if (effect.layer !== "traffic" || effect.verb !== "switch") continue;
    const balancers = world.balancers.map((one) =>
      one.host === effect.host ? { ...one, routing: effect.routing } : one,
    );
    const change = { goal, before: world, after: { ...world, balancers } };
    const violation = checkServers(change, isOpen);
    if (violation !== null) return violation;
  }
  return null;
}

type Change = Pick<Step, "goal" | "before" | "after">;
type Serving = (service: SimulatedService, instance: SimulatedInstance) => boolean;

const isOpen: Serving = (_, { state, checked }) => state === "open" && checked;

/** Its supervisor is bringing it back. */
const isOpenSoon: Serving = (service, one) =>
  isOpen(service, one) || (one.restarts > 0 && one.release === service.live);

/** No effect takes checked servers from the traffic below the share that has to stay. */
function checkServers({ goal, before, after }: Change, isServing: Serving): Violation | null {
  if (goal.rollout.strategy === "recreate" || goal.previous === null || before === after) return null;
  for (const [place, balancer] of before.balancers.entries()) {
    const next = after.balancers[place] ?? balancer;
    for (const service of Object.keys(next.routing.weights)) {
      const least = leastServers(goal, balancer.host, service);
      const count = (world: World, { routing }: SimulatedBalancer): number => {
        const weights = routing.weights[service] ?? {};
        const busy = world.hosts.filter((host) => (weights[host.host] ?? 0) > 0);
        return busy.filter((host) => serves(goal, host, service, isServing)).length;
      };
      const left = count(after, next);
      if (left >= least || left >= count(before, balancer)) continue;
      return {
        invariant: "I1",
        what: `${balancer.host} is left with ${left} checked servers of ${service}.`,
      };
    }
  }
  return null;
}

function serves(goal: Goal, host: SimulatedHost, name: string, isServing: Serving): boolean {
  const spec = goal.spec.services.find((one) => one.name === name);
  if (spec?.engine !== "builtin") return host.current !== null;
  const service = findService(host, name);
  return service.instances.some((one) => isServing(service, one));
}

/** Who gets requests and had none before has answered through this balancer with the release that now runs there. */
function checkNewcomers({ goal, before, effect, after }: Step): Violation | null {
  const balancer = after.balancers.find((one) => one.host === effect.host);
  const previous = before.balancers.find((one) => one.host === effect.host);
  if (balancer === undefined || previous === undefined) return null;
  const known = busyServers(previous.routing);
  for (const server of busyServers(balancer.routing)) {
    const host = after.hosts.find((one) => one.host === server);
    if (host === undefined || known.has(server) || wasEmpty(goal, server)) continue;
    if (balancer.answered[server] !== host.current)
      return { invariant: "I2", what: `${server} takes traffic and never answered through ${effect.host}.` };
    const services = Object.keys(balancer.routing.weights);
    if (services.some((service) => !serves(goal, host, service, isOpenSoon)))
      return { invariant: "I2", what: `${server} takes traffic with nothing that is checked.` };
  }
  return null;
}

/** A host that ran nothing goes back to nothing, and its balancer to what it did then. */
function wasEmpty(goal: Goal, server: string): boolean {
  return releaseBefore(goal, server) === noRelease;
}

/** Nothing is taken from under requests that were told to finish. */
function checkUnderWay({ before, effect }: Step): Violation | null {
  if (!changesInstances(effect)) return null;
  const balancer = before.balancers.find((one) => one.lingering.includes(effect.host));
  if (balancer === undefined) return null;
  const what = `${effect.layer} ${effect.verb} on ${effect.host}, with requests of ${balancer.host} under way.`;
  return { invariant: "I4", what };
}

function changesInstances({ layer, verb }: Effect): boolean {
  return (layer === "process" || layer === "release") && verb === "switch";
}

/** All new or all old, the balancers do again what they did at the beginning. */
export function checkRouting(goal: Goal, world: World): Violation | null {
  for (const { host, routing } of world.balancers) {
    const wanted = goal.routing[host];
    if (wanted === undefined || (equalRouting(routing, wanted) && routing.cohort === wanted.cohort)) continue;
    return { invariant: "I11", what: `It ended with ${host} not doing what it did at the beginning.` };
  }
  return null;
}
