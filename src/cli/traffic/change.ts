import type { BalancerView, Routing, Weights } from "../../plan/traffic.ts";

/** The same without new requests for `servers`. */
export function drained(routing: Routing, servers: ReadonlySet<string>): Routing {
  return { ...routing, weights: mapWeights(routing.weights, servers, () => 0) };
}

/** `servers` as the last deployment left them; those it left without requests get what the others have. */
export function restored(routing: Routing, servers: ReadonlySet<string>, left: Routing | undefined): Routing {
  const weights = mapWeights(routing.weights, servers, (service, server, weight) => {
    if (weight > 0) return weight;
    const before = left?.weights[service] ?? {};
    const usual = Math.max(...Object.values(before), ...Object.values(routing.weights[service] ?? {}));
    return before[server] || usual || 100;
  });
  return { ...routing, weights };
}

/** Those that took requests when the last deployment ended: an idle half stays idle. */
export function busyServers(left: Routing | undefined): ReadonlySet<string> {
  const weights = Object.values(left?.weights ?? {});
  return new Set(
    weights.flatMap((servers) => Object.keys(servers).filter((server) => (servers[server] ?? 0) > 0)),
  );
}

/** Services that had a server that takes requests and would have none. */
export function emptied({ routing, servers }: BalancerView, next: Routing): readonly string[] {
  const isUp = (service: string, server: string): boolean =>
    servers.find((one) => one.service === service && one.server === server)?.isUp ?? true;
  const serving = (weights: Weights, service: string): readonly string[] =>
    Object.entries(weights[service] ?? {}).flatMap(([server, weight]) =>
      weight > 0 && isUp(service, server) ? [server] : [],
    );
  return Object.keys(routing.weights).filter(
    (service) => serving(routing.weights, service).length > 0 && serving(next.weights, service).length === 0,
  );
}

/** Requests or connections still under way; null: this balancer cannot tell. */
export function sessionsOn({ servers }: BalancerView, names: ReadonlySet<string>): number | null {
  const counts = servers.filter(({ server }) => names.has(server)).map(({ sessions }) => sessions);
  const known = counts.flatMap((count) => count ?? []);
  return known.length === 0 && counts.length > 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

function mapWeights(
  weights: Weights,
  chosen: ReadonlySet<string>,
  change: (service: string, server: string, weight: number) => number,
): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([service, servers]) => [
      service,
      Object.fromEntries(
        Object.entries(servers).map(([server, weight]) => [
          server,
          chosen.has(server) ? change(service, server, weight) : weight,
        ]),
      ),
    ]),
  );
}
