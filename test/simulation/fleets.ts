import type { Goal } from "../../src/plan/record.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import type { RolloutSpec } from "../../src/plan/spec.ts";
import type { Routing } from "../../src/plan/traffic.ts";
import { makeScenario, makeService, makeSpec, type Scenario, type ScenarioOptions } from "./scenario.ts";

export interface FleetOptions extends Partial<ScenarioOptions> {
  readonly hosts: readonly string[];
  readonly balancers?: readonly string[];
  /** Hosts without traffic at the beginning. */
  readonly idle?: readonly string[];
  readonly halves?: Goal["halves"];
  readonly rollout?: Partial<RolloutSpec>;
  readonly previousOn?: Goal["previousOn"];
}

/** A scenario with balancers: every host has the service web behind every balancer. */
export function makeFleet(name: string, options: FleetOptions): Scenario {
  const { hosts, balancers = [], idle = [], halves, previousOn } = options;
  const spec = options.spec ?? makeSpec([makeService("web")]);
  const scenario = makeScenario(name, { ...options, spec, hosts });
  const weights = Object.fromEntries(hosts.map((host) => [host, idle.includes(host) ? 0 : 100]));
  const routing: Routing = { weights: { web: weights } };
  const goal: Goal = {
    ...scenario.goal,
    balancers,
    routing: Object.fromEntries(balancers.map((balancer) => [balancer, routing])),
    rollout: { ...scenario.goal.rollout, ...options.rollout },
    ...(halves === undefined ? {} : { halves }),
    ...(previousOn === undefined ? {} : { previousOn }),
  };
  return { ...scenario, goal, world: withBalancers(goal, scenario.world, routing) };
}

function withBalancers(goal: Goal, world: World, routing: Routing): World {
  const answered = Object.fromEntries(goal.hosts.map((host) => [host, goal.previous]));
  const one = { epoch: 0, routing, lingering: [], answered };
  const hosts = world.hosts.map((host) =>
    goal.previousOn !== undefined && Object.hasOwn(goal.previousOn, host.host)
      ? { ...host, current: null, releases: [], services: [] }
      : host,
  );
  return { ...world, hosts, balancers: goal.balancers.map((host) => ({ host, ...one })) };
}
