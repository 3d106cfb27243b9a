import type { HostStatus } from "../../../src/cli/deployment/fleet-status.ts";
import type { SeenFleet } from "../../../src/cli/status/seen.ts";
import type { BalancerView } from "../../../src/plan/traffic.ts";
import { makeService, makeSpec } from "../../simulation/scenario.ts";
import { instanceOf, statusOf } from "../services/status.ts";

export const release = "20261121101502";
const older = "20261120093000";

export function seenHost(
  name: string,
  change: Partial<HostStatus> = {},
  current: string | null = release,
): HostStatus {
  const cwd = `/srv/shop/releases/${current}`;
  const instances = [0, 1].map((slot) => instanceOf(slot, { release: current ?? older, cwd, state: "open" }));
  return {
    host: name,
    reachable: true,
    why: undefined,
    current,
    releases: [],
    isUnsupervised: false,
    directory: current === null ? null : cwd,
    services: [statusOf(0, "shop", "web", { instances, live: current })],
    env: "as-deployed",
    ...change,
  };
}

export function lostHost(name: string): HostStatus {
  const nothing = { current: null, releases: [], services: null, directory: null } as const;
  return {
    ...nothing,
    host: name,
    reachable: false,
    why: "No route to host.",
    isUnsupervised: false,
    env: "none",
  };
}

export function balancer(
  web: Readonly<Record<string, number>>,
  change: Partial<BalancerView> = {},
): BalancerView {
  const servers = Object.keys(web).map((server) => ({ service: "web", server, isUp: true, sessions: 3 }));
  return { host: "lb1", reachable: true, epoch: 4, routing: { weights: { web } }, servers, ...change };
}

export function seenFleet(hosts: readonly HostStatus[], change: Partial<SeenFleet> = {}): SeenFleet {
  const spec = makeSpec([makeService("web", { instances: 2 })]);
  const web = Object.fromEntries(hosts.map(({ host }) => [host, 100]));
  return {
    spec: {
      ...spec,
      traffic: { engine: "haproxy", backends: { web: "be_web" }, addresses: {}, options: {} },
    },
    hosts,
    balancers: [balancer(web)],
    settled: { release, routing: { lb1: { weights: { web } } } },
    ...change,
  };
}
