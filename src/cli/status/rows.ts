import type { BalancerView } from "../../plan/traffic.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { HostStatus } from "../deployment/fleet-status.ts";
import type { SeenFleet } from "./seen.ts";

export const fleetColumns: readonly string[] = [
  "host",
  "release",
  "env",
  "up",
  "health",
  "traffic",
  "sessions",
  "directory",
];

/** One line of the fleet's table. */
export function fleetRow(fleet: SeenFleet, host: HostStatus): readonly string[] {
  const { host: name, services } = host;
  if (!host.reachable) return [name, "-", "-", "-", "unreachable", ...trafficCells(fleet, name), "-"];
  return [
    name,
    host.current ?? "none",
    { "as-deployed": "same", changed: "changed", missing: "missing", none: "-" }[host.env],
    upText(fleet, services),
    healthText(fleet, services),
    ...trafficCells(fleet, name),
    directories(services),
  ];
}

function wantedOf({ spec }: SeenFleet): number {
  return ours({ spec }).reduce((sum, service) => sum + service.instances, 0);
}

function ours({ spec }: Pick<SeenFleet, "spec">): SeenFleet["spec"]["services"] {
  return spec.services.filter((service) => service.engine === "builtin");
}

function openOf(services: readonly ServiceStatus[]): number {
  return services.flatMap(({ instances }) => instances).filter(({ state }) => state === "open").length;
}

function upText(fleet: SeenFleet, services: HostStatus["services"]): string {
  return services === null ? "?" : `${openOf(services)}/${wantedOf(fleet)}`;
}

function healthText(fleet: SeenFleet, services: HostStatus["services"]): string {
  if (services === null) return "unknown";
  if (services.some(({ state }) => state === "crash-looping")) return "crashing";
  const instances = services.flatMap((service) => service.instances);
  if (instances.some(({ state }) => state === "failed")) return "failed";
  if (instances.some(({ state }) => state === "starting")) return "starting";
  if (openOf(services) >= wantedOf(fleet)) return "healthy";
  return openOf(services) === 0 ? "down" : "short";
}

/** Real ones, of all instances. */
function directories(services: HostStatus["services"]): string {
  const found = new Set(services?.flatMap(({ instances }) => instances.flatMap(({ cwd }) => cwd ?? [])));
  return found.size === 0 ? "-" : [...found].join(" ");
}

function trafficCells({ balancers }: SeenFleet, server: string): readonly [string, string] {
  return [shareText(balancers, server), sessionsText(balancers, server)];
}

/** The share of the new requests, over all balancers and services; + where a cohort comes on top. */
function shareText(balancers: readonly BalancerView[], server: string): string {
  const shares = balancers.flatMap(({ routing }) =>
    Object.values(routing.weights).flatMap((servers) => {
      const weight = servers[server];
      const total = Object.values(servers).reduce((sum, one) => sum + one, 0);
      return weight === undefined ? [] : [total === 0 ? 0 : weight / total];
    }),
  );
  if (shares.length === 0) return "-";
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => Math.round(share * 100));
  const isCohort = balancers.some(({ routing }) => routing.cohort?.servers.includes(server) === true);
  return `${least === most ? "" : `${least}-`}${most}%${isCohort ? "+" : ""}`;
}

function sessionsText(balancers: readonly BalancerView[], server: string): string {
  const counts = balancers.flatMap(({ servers }) =>
    servers.filter((one) => one.server === server).flatMap(({ sessions }) => sessions ?? []),
  );
  return counts.length === 0 ? "-" : String(counts.reduce((sum, one) => sum + one, 0));
}
