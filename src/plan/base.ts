import type { HostView, Observed, ServiceView } from "./fleet.ts";
import { describeRouting } from "./routing.ts";

/** What a plan was made against: all that would make it another plan, and nothing that changes by itself. */
export interface Base {
  readonly hosts: readonly HostBase[];
  /** Balancer -> what it does. */
  readonly balancers?: Readonly<Record<string, string>> | undefined;
  /** Short digest of the rest, to name it. */
  readonly digest: string;
}

interface HostBase {
  readonly host: string;
  readonly current: string | null;
  /** Complete releases, by id. */
  readonly releases: readonly string[];
  /** Service -> what accepts there, such as "2 of release 20261121101502". */
  readonly services: Readonly<Record<string, string>>;
}

export function describeBase(observed: Observed): Base {
  const hosts = observed.hosts.map(hostBase);
  const balancers = Object.fromEntries(
    observed.balancers.map(({ host, routing }) => [host, describeRouting(routing)]),
  );
  return { hosts, balancers, digest: digest(JSON.stringify([hosts, balancers])) };
}

function hostBase(host: HostView): HostBase {
  const complete = host.releases.filter((release) => release.state !== "failed");
  return {
    host: host.host,
    current: host.current,
    releases: complete.map((release) => release.id).sort(),
    services: Object.fromEntries(
      host.services
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((service) => [service.name, describeAccepting(service)]),
    ),
  };
}

function describeAccepting(service: ServiceView): string {
  const counts = new Map<string, number>();
  for (const { state, release } of service.instances)
    if (state === "open") counts.set(release, (counts.get(release) ?? 0) + 1);
  const parts = [...counts].map(([release, count]) => `${count} of release ${release}`);
  return parts.length === 0 ? "nothing accepting" : parts.sort().join(", ");
}

/** What has changed since a plan was saved, a sentence each; empty: the plan still holds. */
export function compareBase(saved: Base, observed: Observed): readonly string[] {
  const now = new Map(describeBase(observed).hosts.map((host) => [host.host, host]));
  const before = new Map(saved.hosts.map((host) => [host.host, host]));
  const names = [...new Set([...before.keys(), ...now.keys()])];
  return [
    ...names.flatMap((name) => compareHost(name, before.get(name), now.get(name))),
    ...compareBalancers(saved.balancers ?? {}, describeBase(observed).balancers ?? {}),
  ];
}

function compareBalancers(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name} did: ${before[name] ?? "nothing"}. It does now: ${now[name] ?? "nothing"}.`);
}

function compareHost(
  name: string,
  before: HostBase | undefined,
  now: HostBase | undefined,
): readonly string[] {
  if (before === undefined) return [`${name} was not part of the plan.`];
  if (now === undefined) return [`${name} is no longer there.`];
  const changes: string[] = [];
  if (before.current !== now.current)
    changes.push(
      `On ${name} current was ${before.current ?? "not set"} and is now ${now.current ?? "not set"}.`,
    );
  for (const id of now.releases.filter((one) => !before.releases.includes(one)))
    changes.push(`On ${name} release ${id} has been added.`);
  for (const id of before.releases.filter((one) => !now.releases.includes(one)))
    changes.push(`On ${name} release ${id} is gone.`);
  for (const service of new Set([...Object.keys(before.services), ...Object.keys(now.services)])) {
    const was = before.services[service] ?? "nothing accepting";
    const is = now.services[service] ?? "nothing accepting";
    if (was !== is) changes.push(`On ${name} ${service} had ${was} and has now ${is}.`);
  }
  return changes;
}

/** FNV-1a: names a base, protects nothing. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
