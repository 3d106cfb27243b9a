import type { Goal } from "../../src/plan/record.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import type { JudgeSpec, RolloutSpec } from "../../src/plan/spec.ts";
import type { Routing } from "../../src/plan/traffic.ts";
import {
  makeScenario,
  makeService,
  makeSpec,
  newRelease,
  type Scenario,
  type ScenarioOptions,
} from "./scenario.ts";

export interface FleetOptions extends Partial<ScenarioOptions> {
  readonly hosts: readonly string[];
  readonly balancers?: readonly string[];
  /** Hosts without traffic at the beginning. */
  readonly idle?: readonly string[];
  readonly halves?: Goal["halves"];
  readonly rollout?: Partial<RolloutSpec>;
  readonly previousOn?: Goal["previousOn"];
}

/** A scenario with balancers: every host has every service behind every balancer. */
export function makeFleet(name: string, options: FleetOptions): Scenario {
  const { hosts, balancers = [], idle = [], halves, previousOn } = options;
  const spec = options.spec ?? makeSpec([makeService("web")]);
  const scenario = makeScenario(name, { ...options, spec, hosts });
  const weights = Object.fromEntries(hosts.map((host) => [host, idle.includes(host) ? 0 : 100]));
  const services = spec.services.filter((service) => service.port !== undefined);
  const routing: Routing = {
    weights: Object.fromEntries(services.map((service) => [service.name, weights])),
  };
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

/** Hosts of `previousOn` run nothing, or the release named there. */
function withBalancers(goal: Goal, world: World, routing: Routing): World {
  const { previousOn = {} } = goal;
  const hosts = world.hosts.map((host) => {
    if (!Object.hasOwn(previousOn, host.host)) return host;
    const release = previousOn[host.host] ?? null;
    if (release === null) return { ...host, current: null, releases: [], services: [] };
    const services = host.services.map((service) => ({
      ...service,
      live: release,
      instances: service.instances.map((one) => ({ ...one, release })),
    }));
    return {
      ...host,
      current: release,
      releases: [{ id: release, state: "good", wasLive: true } as const],
      services,
    };
  });
  const answered = Object.fromEntries(hosts.map((host) => [host.host, host.current]));
  const one = { epoch: 0, routing, lingering: [], answered };
  return { ...world, hosts, balancers: goal.balancers.map((host) => ({ host, ...one })) };
}

const match = { header: "User-Agent", regex: "Mobile" };
const cohort = { match, steps: [1], holdMs: 5000 };
const judge: JudgeSpec = {
  errors: true,
  latency: true,
  split: true,
  onHarm: "abort",
  isDryRun: false,
  ratePerSecond: 20,
  withinMs: 60_000,
  paths: [],
  warmUpMs: 10_000,
  hostCheckMs: 30_000,
};
const shares = { ...cohort, steps: [0.2, 1] };
const [lb, lbs] = [["lb1"], ["lb1", "lb2"]];
const halves = { blue: ["a"], green: ["b"] };
const quarters = { blue: ["a", "b"], green: ["c", "d"] };
const thirds = { blue: ["a", "b", "c"], green: ["d", "e", "f"] };
const [two, three] = [
  ["a", "b"],
  ["a", "b", "c"],
];
const [four, five, six] = [
  [...three, "d"],
  [...three, "d", "e"],
  [...three, "d", "e", "f"],
];
const laggard = "20261121070000";
const java = makeSpec([makeService("java", { port: 4000 }), makeService("node", { after: ["java"] })]);

export const fleets: readonly Scenario[] = [
  makeFleet("rolling, 2 hosts", { hosts: two, balancers: lb, rollout: { batch: { count: 1 } } }),
  makeFleet("rolling, 3 hosts", { hosts: three, balancers: lb, rollout: { batch: { count: 2 } } }),
  makeFleet("rolling, 6 hosts, 2 balancers", {
    hosts: six,
    balancers: lbs,
    rollout: { batch: { share: 0.5 } },
  }),
  makeFleet("rolling, a new host", {
    hosts: three,
    balancers: lb,
    idle: ["c"],
    rollout: { batch: { count: 2 } },
    previousOn: { c: null },
  }),
  makeFleet("rolling, no balancer", { hosts: three, rollout: { batch: { count: 1 } } }),
  makeFleet("recreate, 2 hosts", { hosts: two, balancers: lb, rollout: { strategy: "recreate" } }),
  makeFleet("blue-green, 2 hosts", {
    hosts: two,
    balancers: lb,
    idle: ["b"],
    halves,
    rollout: { strategy: "blue-green", keepWarmMs: 60_000 },
  }),
  makeFleet("blue-green, both halves busy", {
    hosts: two,
    balancers: lb,
    halves,
    rollout: { strategy: "blue-green", canary: cohort, keepWarmMs: 60_000 },
  }),
  makeFleet("blue-green, 4 hosts, 2 balancers", {
    hosts: four,
    balancers: lbs,
    halves: quarters,
    rollout: { strategy: "blue-green", canary: shares, keepWarmMs: 60_000 },
  }),
  makeFleet("blue-green, 6 hosts, 2 balancers", {
    hosts: six,
    balancers: lbs,
    idle: ["a", "b", "c"],
    halves: thirds,
    rollout: { strategy: "blue-green", canary: cohort },
  }),
  makeFleet("blue-green, two services", {
    hosts: two,
    balancers: lb,
    idle: ["b"],
    halves,
    spec: java,
    rollout: { strategy: "blue-green", canary: shares },
  }),
  makeFleet("blue-green, first deploy", {
    hosts: two,
    balancers: lb,
    halves,
    previousSpec: null,
    rollout: { strategy: "blue-green" },
  }),
  makeFleet("blue-green, rollback", {
    hosts: two,
    balancers: lb,
    idle: ["a"],
    halves,
    kind: "rollback",
    rollout: { strategy: "blue-green" },
  }),
  makeFleet("canary, 2 hosts", {
    hosts: two,
    balancers: lb,
    rollout: { strategy: "canary", canary: { steps: [0.1, 1], holdMs: 5000 } },
  }),
  makeFleet("canary, 3 hosts", {
    hosts: three,
    balancers: lb,
    rollout: { strategy: "canary", canary: { match, steps: [0.05, 0.25, 1], holdMs: 5000 } },
  }),
  makeFleet("canary, 5 hosts, 2 balancers", {
    hosts: five,
    balancers: lbs,
    rollout: {
      strategy: "canary",
      canary: { match, steps: [0.1, 0.4, 1], holdMs: 5000 },
      batch: { count: 2 },
    },
  }),
  makeFleet("blue-green, judged", {
    hosts: two,
    balancers: lb,
    idle: ["b"],
    halves,
    rollout: {
      strategy: "blue-green",
      canary: { steps: [0.25, 1], holdMs: 5000, judge },
      keepWarmMs: 60_000,
    },
  }),
  makeFleet("canary, judged", {
    hosts: three,
    balancers: lb,
    rollout: { strategy: "canary", canary: { steps: [0.25, 1], holdMs: 5000, judge } },
  }),
  makeFleet("canary, judged, harm pauses", {
    hosts: two,
    balancers: lb,
    rollout: {
      strategy: "canary",
      canary: { match, steps: [0.25, 1], holdMs: 5000, judge: { ...judge, onHarm: "pause" } },
    },
  }),
  makeFleet("blue-green, judged by its cohort", {
    hosts: two,
    balancers: lb,
    idle: ["b"],
    halves,
    rollout: { strategy: "blue-green", canary: { ...shares, judge }, keepWarmMs: 60_000 },
  }),
  makeFleet("converge, a host behind", {
    hosts: ["c"],
    balancers: lb,
    kind: "converge",
    previousOn: { c: laggard },
    rollout: { strategy: "blue-green" },
  }),
  makeFleet("converge, a new host", {
    hosts: ["c"],
    balancers: lb,
    idle: ["c"],
    kind: "converge",
    previousOn: { c: null },
    rollout: { strategy: "canary" },
  }),
].map(withLaggard);

/** The settings of the release that a host is behind on are those of the others. */
function withLaggard(scenario: Scenario): Scenario {
  const { goal, rules } = scenario;
  const specs = new Map(rules.specs).set(laggard, goal.spec).set(newRelease, goal.spec);
  return { ...scenario, rules: { ...rules, specs } };
}

export function findFleet(name: string): Scenario {
  const found = fleets.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`There is no fleet ${name}.`);
  return found;
}
