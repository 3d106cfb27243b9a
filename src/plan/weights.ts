import type { Routing, Weights } from "./traffic.ts";

const mostWeight = 256;

type ServerWeights = Readonly<Record<string, number>>;

/** The same without new requests for `servers`. */
export function withoutTraffic(routing: Routing, servers: ReadonlySet<string>): Routing {
  return mapWeights(routing, (server, weight) => (servers.has(server) ? 0 : weight));
}

/** All of what `from` takes goes to `to` instead; servers of nobody's keep what they have. */
export function moveTraffic(routing: Routing, from: ReadonlySet<string>, to: ReadonlySet<string>): Routing {
  const weights = mapServices(routing.weights, (servers) => {
    const usual = Math.max(1, ...Object.values(servers));
    return mapServers(servers, (server, weight) => {
      if (from.has(server)) return 0;
      return to.has(server) && weight === 0 ? usual : weight;
    });
  });
  return { ...routing, weights };
}

/** `share` (0 to 1) of each service goes to `servers`, in the ratios that they have among each other in `routing`. */
export function shareTraffic(routing: Routing, servers: ReadonlySet<string>, share: number): Routing {
  return { ...routing, weights: mapServices(routing.weights, (one) => shareOne(one, servers, share)) };
}

function shareOne(weights: ServerWeights, servers: ReadonlySet<string>, share: number): ServerWeights {
  const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
  const few = tally(entries.filter(([server]) => servers.has(server)));
  const rest = tally(entries.filter(([server]) => !servers.has(server)));
  if (few.length === 0 || rest.length === 0) return weights;
  const best = findScale(few, rest, share);
  return mapServers(weights, (server, weight) => {
    if (weight === 0) return 0;
    return scaled(weight, servers.has(server) ? best.few : best.rest);
  });
}

/** A weight and how many servers have it. */
type Tally = readonly (readonly [weight: number, count: number])[];

function tally(entries: readonly (readonly [string, number])[]): Tally {
  const counts = new Map<number, number>();
  for (const [, weight] of entries) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  return [...counts];
}

/** Weights are integers: of all scales the one whose rounding moves the least, and of equals the smallest. */
function findScale(few: Tally, rest: Tally, share: number): { readonly few: number; readonly rest: number } {
  let best = { few: 1, rest: 1 };
  let least = Infinity;
  for (let top = 1; top <= mostWeight; top += 1) {
    const scale = top / Math.max(...rest.map(([weight]) => weight));
    const wanted = (share / (1 - share)) * sum(rest, scale);
    const candidate = { few: wanted / sum(few, null), rest: scale };
    const got = sum(few, candidate.few) / (sum(few, candidate.few) + sum(rest, scale));
    const error = Math.abs(got - share) + distortion(few, candidate.few) + distortion(rest, scale);
    if (error >= least - 1e-9) continue;
    least = error;
    best = candidate;
  }
  return best;
}

function sum(weights: Tally, scale: number | null): number {
  const of = (weight: number): number => (scale === null ? weight : scaled(weight, scale));
  return weights.reduce((total, [weight, count]) => total + count * of(weight), 0);
}

/** How far rounding moves servers of one group against each other. */
function distortion(weights: Tally, scale: number): number {
  const [before, after] = [sum(weights, null), sum(weights, scale)];
  return Math.max(...weights.map(([weight]) => Math.abs(scaled(weight, scale) / after - weight / before)));
}

function scaled(weight: number, scale: number): number {
  return Math.min(mostWeight, Math.max(1, Math.round(weight * scale)));
}

function mapWeights(routing: Routing, map: (server: string, weight: number) => number): Routing {
  return { ...routing, weights: mapServices(routing.weights, (servers) => mapServers(servers, map)) };
}

function mapServices(weights: Weights, map: (servers: ServerWeights) => ServerWeights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([service, servers]) => [service, map(servers)]));
}

function mapServers(servers: ServerWeights, map: (server: string, weight: number) => number): ServerWeights {
  return Object.fromEntries(Object.entries(servers).map(([server, weight]) => [server, map(server, weight)]));
}
