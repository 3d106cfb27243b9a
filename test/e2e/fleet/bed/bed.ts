import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { equipOperator, equipServer } from "./accounts.ts";
import { type Backend, type BalancerKind, equipBalancer, type Server } from "./balancer.ts";
import { makePlaces, type Machine, type MachineKind, startMachine } from "./machine.ts";
import { forgetHome, noteHome } from "../../open-homes.ts";
import { type Network, openNetwork } from "./network.ts";

/** A fleet on this machine: every host with its own network, files, host name, processes and ssh daemon. */
export interface Bed {
  readonly hosts: readonly Machine[];
  readonly balancers: readonly Machine[];
  readonly others: readonly Machine[];
  readonly operator: Machine;
  readonly network: Network;
  /** Files of the bed; goes away with it. */
  readonly directory: string;
  /** Ends everything in it, by the processes it started, and removes its files. */
  close(): Promise<void>;
}

export interface BedPlan {
  readonly hosts: readonly string[];
  readonly balancer?: BalancerKind;
  readonly balancers?: number;
  readonly backends?: readonly Backend[];
  /** Servers that are neither host nor balancer. */
  readonly others?: readonly string[];
}

interface Place extends Server {
  readonly kind: MachineKind;
  readonly directory: string;
}

/** Host names h1, h2, ... */
export function hostNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `h${i + 1}`);
}

export async function openBed(plan: BedPlan): Promise<Bed> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-bed-"));
  chmodSync(directory, 0o755);
  const machines: Machine[] = [];
  noteHome(join(directory, "home"));
  let network: Network | undefined;
  const close = async (): Promise<void> => {
    network?.close();
    await Promise.all(machines.map((machine) => machine.end()));
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    forgetHome(join(directory, "home"));
  };
  try {
    execFileSync("cp", ["-a", "/etc", join(directory, "etc")]);
    const places = layOut(plan, directory);
    equip(plan, places);
    for (const batch of batches(places, 10))
      machines.push(...(await Promise.all(batch.map((place) => startMachine(place)))));
    const [bridge, operator, ...servers] = machines;
    if (bridge === undefined || operator === undefined) throw new Error("a bed has a bridge and an operator");
    network = await openNetwork(bridge, [operator, ...servers]);
    for (const batch of batches([operator, ...servers], 10))
      await Promise.all(batch.map((machine) => machine.serve()));
    const [hosts, others] = [plan.hosts.length, plan.others?.length ?? 0];
    return {
      hosts: servers.slice(0, hosts),
      balancers: servers.slice(hosts, servers.length - others),
      others: servers.slice(servers.length - others),
      operator,
      network,
      directory,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function layOut(plan: BedPlan, directory: string): Place[] {
  const count = plan.balancer === undefined ? 0 : (plan.balancers ?? 1);
  const place = (name: string, address: string, kind: MachineKind): Place => ({
    name,
    address,
    kind,
    directory: join(directory, name),
  });
  return [
    place("bridge", "10.77.0.0", "switch"),
    place("operator", "10.77.0.1", "operator"),
    ...plan.hosts.map((name, i) => place(name, `10.77.1.${i + 1}`, "server")),
    ...Array.from({ length: count }, (_, i) => place(`lb${i + 1}`, `10.77.2.${i + 1}`, "server")),
    ...(plan.others ?? []).map((name, i) => place(name, `10.77.3.${i + 1}`, "server")),
  ];
}

function equip(plan: BedPlan, places: readonly Place[]): void {
  const servers = places.filter(({ kind }) => kind === "server");
  const operator = places.find(({ kind }) => kind === "operator");
  if (operator === undefined) return;
  const hosts = ["127.0.0.1 localhost", ...servers.map(({ name, address }) => `${address} ${name}`), ""].join(
    "\n",
  );
  for (const place of places) {
    mkdirSync(place.directory);
    if (place.kind !== "switch") makePlaces(place.directory);
  }
  const keys = equipOperator(operator.directory, hosts);
  for (const { directory, name, address } of servers) equipServer(directory, { name, address, keys, hosts });
  const known = join(operator.directory, "home/.ssh/known_hosts");
  writeFileSync(known, `${keys.known.join("\n")}\n`);
  const { balancer, backends = [] } = plan;
  if (balancer === undefined) return;
  const behind = servers.slice(0, plan.hosts.length);
  for (const { directory } of servers.filter(({ address }) => address.startsWith("10.77.2.")))
    equipBalancer(directory, balancer, backends, behind);
}

function batches<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}
