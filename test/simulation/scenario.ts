import type { Goal } from "../../src/plan/record.ts";
import type { AppSpec, HooksSpec, RolloutSpec, ServiceSpec } from "../../src/plan/spec.ts";
import type { Faults, Rules, SimulatedInstance, World } from "../../src/plan/simulate/world.ts";

export const oldRelease = "20261121080000";
export const newRelease = "20261121090000";
const bakeMs = 10_000;

export function makeService(name: string, change: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    app: "shop",
    name,
    engine: "builtin",
    run: "node server.js",
    cwd: "/srv/shop/current",
    port: 3000,
    instances: 1,
    handover: "auto",
    health: { kind: "tcp", intervalMs: 500, healthyAfter: 2, timeoutMs: 2000, minUptimeMs: 0 },
    bootMs: 60_000,
    drainMs: 30_000,
    stop: { signal: "SIGTERM", timeoutMs: 5000 },
    restart: { auto: true, maxInRow: 5, firstDelayMs: 100, maxDelayMs: 15_000 },
    env: {},
    after: [],
    fatal: [],
    logs: { maxBytes: 1_000_000, keep: 5 },
    ...change,
  };
}

export function makeWorker(name: string, change: Partial<ServiceSpec> = {}): ServiceSpec {
  const { port: _, ...service } = makeService(name, change);
  return service;
}

const noHooks: HooksSpec = {
  "before-switch": [],
  "after-switch": [],
  "after-deploy": [],
  "on-failure": [],
  timeoutMs: 60_000,
};

export const allHooks: HooksSpec = {
  "before-switch": ["true"],
  "after-switch": ["true"],
  "after-deploy": ["true"],
  "on-failure": ["true"],
  timeoutMs: 60_000,
};

export function makeSpec(services: readonly ServiceSpec[], change: Partial<AppSpec> = {}): AppSpec {
  return {
    app: "shop",
    path: "/srv/shop",
    release: {
      source: { kind: "directory", path: "." },
      build: { run: [], where: "server", cache: {}, timeoutMs: 600_000 },
      shared: { dirs: [], files: [] },
      writable: [],
      keep: 5,
    },
    services,
    hooks: noHooks,
    bakeMs,
    surge: "all",
    ...change,
  };
}

/** A deployment of `spec` on hosts where `previousSpec` is live; null: nothing is. */
export interface Scenario {
  readonly name: string;
  readonly goal: Goal;
  readonly world: World;
  readonly rules: Rules;
}

export interface ScenarioOptions {
  readonly spec: AppSpec;
  readonly previousSpec?: AppSpec | null;
  readonly kind?: Goal["kind"];
  readonly strategy?: RolloutSpec["strategy"];
  readonly hosts?: readonly string[];
  readonly faults?: Faults;
  readonly oldFaults?: Faults;
}

export function makeScenario(name: string, options: ScenarioOptions): Scenario {
  const {
    spec,
    kind = "deploy",
    strategy = "rolling",
    hosts = ["here"],
    faults = {},
    oldFaults = {},
  } = options;
  const previousSpec = options.previousSpec === undefined ? spec : options.previousSpec;
  const previous = previousSpec === null ? null : oldRelease;
  const specs = new Map([[newRelease, spec]]);
  if (previousSpec !== null) specs.set(oldRelease, previousSpec);
  const goal: Goal = {
    id: "1",
    kind,
    release: newRelease,
    previous,
    revision: "abc",
    envDigest: null,
    hosts,
    balancers: [],
    routing: {},
    rollout: { strategy, batch: { share: 1 }, keepWarmMs: 0 },
    spec,
    ...(previousSpec === null ? {} : { previousSpec }),
  };
  const rules = {
    specs,
    faults: new Map([
      [newRelease, faults],
      [oldRelease, oldFaults],
    ]),
  };
  return { name, goal, rules, world: makeWorld(goal, previousSpec) };
}

function makeWorld(goal: Goal, previousSpec: AppSpec | null): World {
  const releases = previousSpec === null ? [] : [{ id: oldRelease, state: "good", wasLive: true } as const];
  const known = goal.kind === "rollback" ? [{ id: goal.release, state: "good", wasLive: true } as const] : [];
  return {
    at: 1_000_000,
    migrations: [],
    balancers: [],
    hosts: goal.hosts.map((host) => ({
      host,
      epoch: 0,
      current: goal.previous,
      releases: [...releases, ...known],
      services: (previousSpec?.services ?? []).map((service) => ({
        name: service.name,
        live: service.engine === "builtin" ? goal.previous : null,
        reloadedFor: service.engine === "builtin" ? null : goal.previous,
        instances: service.engine === "builtin" ? openInstances(service) : [],
      })),
    })),
  };
}

function openInstances(service: ServiceSpec): readonly SimulatedInstance[] {
  return Array.from({ length: service.instances }, (_, n) => ({
    id: `${oldRelease}-${n}`,
    release: oldRelease,
    state: "open",
    restarts: 0,
    checked: true,
  }));
}
