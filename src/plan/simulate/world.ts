import type { HostView, InstanceState, InstanceView, Observed, ReleaseView, Wish } from "../fleet.ts";
import type { AppSpec, HookPoint } from "../spec.ts";
import type { BalancerView, Routing } from "../traffic.ts";

/** A fleet as plain data. Every change makes a new world, so that a search may keep them all. */
export interface World {
  readonly at: number;
  readonly hosts: readonly SimulatedHost[];
  readonly balancers: readonly SimulatedBalancer[];
  /** Releases the database was migrated for, once per run. */
  readonly migrations: readonly string[];
}

export interface SimulatedHost {
  readonly host: string;
  /** Nothing reaches it, and nothing of it is seen. */
  readonly isCutOff?: boolean | undefined;
  readonly epoch: number;
  readonly current: string | null;
  readonly releases: readonly ReleaseView[];
  readonly services: readonly SimulatedService[];
  readonly wish?: Wish | undefined;
}

export interface SimulatedBalancer {
  readonly host: string;
  readonly isCutOff?: boolean | undefined;
  readonly epoch: number;
  readonly routing: Routing;
  /** Servers that get no new requests and still have some under way. */
  readonly lingering: readonly string[];
  /** Server -> the release that last answered there through this balancer. */
  readonly answered: Readonly<Record<string, string | null>>;
}

export interface SimulatedService {
  readonly name: string;
  readonly live: string | null;
  readonly reloadedFor: string | null;
  readonly instances: readonly SimulatedInstance[];
}

export interface SimulatedInstance {
  readonly id: string;
  readonly release: string;
  readonly state: InstanceState;
  readonly restarts: number;
  /** Has passed its checks in this incarnation: what nobody may take traffic without. */
  readonly checked: boolean;
}

/** What is true of the releases whatever happens. */
export interface Rules {
  readonly specs: ReadonlyMap<string, AppSpec>;
  readonly faults: ReadonlyMap<string, Faults>;
}

/** How a release is bad; absent: it is good. */
export interface Faults {
  readonly build?: boolean | undefined;
  readonly check?: boolean | undefined;
  readonly migrate?: boolean | undefined;
  /** Dies at boot or never answers its probe. */
  readonly boot?: boolean | undefined;
  /** Healthy on its host, and not through the balancer. */
  readonly answer?: boolean | undefined;
  readonly hooks?: readonly HookPoint[] | undefined;
}

export function observeWorld(world: World): Observed {
  return {
    at: world.at,
    balancers: world.balancers.map(observeBalancer),
    hosts: world.hosts.map((host): HostView => ({ ...host, reachable: host.isCutOff !== true })),
  };
}

function observeBalancer({ host, isCutOff, epoch, routing, lingering }: SimulatedBalancer): BalancerView {
  const waiting = new Set(lingering);
  const cohort = new Set(routing.cohort?.servers);
  const servers = Object.entries(routing.weights).flatMap(([service, weights]) =>
    Object.entries(weights).map(([server, weight]) => {
      const isBusy = weight > 0 || cohort.has(server) || waiting.has(server);
      return { service, server, isUp: true, sessions: isBusy ? 1 : 0 };
    }),
  );
  return { host, epoch, routing, servers, reachable: isCutOff !== true };
}

export function worldOf(observed: Observed): World {
  return {
    at: observed.at,
    migrations: [],
    balancers: observed.balancers.map(simulateBalancer),
    hosts: observed.hosts.map((host) => ({
      host: host.host,
      isCutOff: !host.reachable,
      epoch: host.epoch,
      current: host.current,
      releases: host.releases,
      services: host.services.map((service) => ({
        name: service.name,
        live: service.live,
        reloadedFor: service.reloadedFor ?? null,
        instances: service.instances.map(simulateInstance),
      })),
    })),
  };
}

function simulateInstance({ id, release, state, restarts }: InstanceView): SimulatedInstance {
  return { id, release, state, restarts, checked: state !== "starting" && state !== "failed" };
}

function simulateBalancer({ host, reachable, epoch, routing, servers }: BalancerView): SimulatedBalancer {
  const lingering = servers.filter(({ service, server, sessions }) => {
    return sessions !== 0 && routing.weights[service]?.[server] === 0;
  });
  return {
    host,
    isCutOff: !reachable,
    epoch,
    routing,
    lingering: [...new Set(lingering.map(({ server }) => server))],
    answered: {},
  };
}

export function changeHost(
  world: World,
  name: string,
  change: (host: SimulatedHost) => SimulatedHost,
): World {
  return { ...world, hosts: world.hosts.map((host) => (host.host === name ? change(host) : host)) };
}

export function findService(host: SimulatedHost, name: string): SimulatedService {
  const known = host.services.find((service) => service.name === name);
  return known ?? { name, live: null, reloadedFor: null, instances: [] };
}

export function changeService(
  host: SimulatedHost,
  name: string,
  change: (service: SimulatedService) => SimulatedService,
): SimulatedHost {
  const changed = change(findService(host, name));
  const isKnown = host.services.some((service) => service.name === name);
  if (!isKnown) return { ...host, services: [...host.services, changed] };
  return { ...host, services: host.services.map((service) => (service.name === name ? changed : service)) };
}
