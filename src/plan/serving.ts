import type { Situation } from "./decision.ts";
import type { HostView } from "./fleet.ts";

/** One sentence on which release takes traffic where. */
export function describeServing({ hosts }: Situation): string {
  const sentences = hosts.map((host) => {
    const services = host.services.map((service) => {
      const open = service.instances.filter((instance) => instance.state === "open");
      return `${service.name}: ${open.length === 0 ? "nothing accepts" : tally(open.map((one) => one.release))}`;
    });
    return `${describeCurrent(host)}${services.length === 0 ? "" : `; ${services.join("; ")}`}`;
  });
  return `${sentences.join(". ")}.`;
}

function describeCurrent(host: HostView): string {
  return `On ${host.host} current is ${host.current ?? "not set"}`;
}

function tally(releases: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const release of releases) counts.set(release, (counts.get(release) ?? 0) + 1);
  return [...counts].map(([release, count]) => `${count} of release ${release}`).join(", ");
}
