import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { Routing } from "../../plan/traffic.ts";
import { Problem, exits } from "../../problem.ts";
import type { BalancerState } from "../driver.ts";
import { say } from "./admin.ts";
import { type CohortMaps, readCohort } from "./cohort.ts";
import type { Backend, Setup } from "./setup.ts";
import {
  type MapRow,
  type ServerState,
  type ServerStats,
  parseMap,
  parseServers,
  parseStats,
  takesTraffic,
} from "./show.ts";

/** One backend as it runs. */
export interface BackendNow {
  readonly backend: Backend;
  /** Server of the goal -> the one of the backend. */
  readonly servers: Readonly<Record<string, ServerNow>>;
  /** null: cutover's lines are not in the running configuration. */
  readonly maps: Maps | null;
}

export interface Maps extends CohortMaps {
  /** null: the lines do not look at a cookie of haproxy's. */
  readonly emptied: readonly MapRow[] | null;
}

export interface ServerNow extends ServerState {
  readonly stats: ServerStats;
}

/** Reads every backend of the app. Problems: TRAFFIC_UNREACHABLE, TRAFFIC_BACKEND_UNKNOWN, TRAFFIC_SERVER_*. */
export async function look(setup: Setup): Promise<BackendNow[]> {
  const [statText, mapText] = [await say(setup.socket, "show stat"), await say(setup.socket, "show map")];
  const seen: BackendNow[] = [];
  for (const backend of setup.backends) {
    const text = await say(setup.socket, `show servers state ${backend.name}`);
    const states = parseServers(text);
    const stats = parseStats(statText, backend.name);
    if (states.length === 0) throw unknownBackend(setup, backend);
    const servers = Object.entries(setup.servers).map(([server, known]) => {
      const state = find(states, { server, known, backend });
      const counted = stats.get(state.name);
      if (counted === undefined) throw unknownServer(server, known, backend, states);
      return [server, { ...state, stats: counted }] as const;
    });
    const maps = await readMaps(setup, backend, mapText);
    seen.push({ backend, servers: Object.fromEntries(servers), maps });
  }
  return seen;
}

async function readMaps(setup: Setup, { files }: Backend, loaded: string): Promise<Maps | null> {
  const isLoaded = (file: string): boolean => loaded.includes(`(${file})`);
  const read = async (file: string) => parseMap(await say(setup.socket, `show map ${file}`));
  if (!isLoaded(files.servers)) return null;
  return {
    value: await read(files.value),
    match: await read(files.match),
    servers: await read(files.servers),
    emptied: isLoaded(files.emptied) ? await read(files.emptied) : null,
  };
}

interface Wanted {
  readonly server: string;
  readonly known: readonly string[];
  readonly backend: Backend;
}

/** By name, address, or address and port; where several lines have the address, the one with the service's port. */
function find(states: readonly ServerState[], { server, known, backend }: Wanted): ServerState {
  for (const word of known) {
    const named = states.find(({ name }) => name === word);
    if (named !== undefined) return named;
    const whole = states.filter((state) => hosts(state).some((host) => `${host}:${state.port}` === word));
    const at = whole.length > 0 ? whole : states.filter((state) => hosts(state).includes(word));
    const fitting = at.length > 1 ? at.filter(({ port }) => port === backend.port) : at;
    const [first, second] = fitting.length === 0 ? at : fitting;
    if (second !== undefined) throw ambiguous(server, backend, [first?.name ?? "", second.name]);
    if (first !== undefined) return first;
  }
  throw unknownServer(server, known, backend, states);
}

function hosts({ address, fqdn }: ServerState): string[] {
  return [address, `[${address}]`, fqdn].filter((host) => host !== "-" && host !== "[-]");
}

/** What `look` saw, in the words of the plan. */
export function stateOf(seen: readonly BackendNow[]): BalancerState {
  const weights = seen.map(({ backend, servers }) => {
    const own = Object.entries(servers).map(([server, now]) => [server, weightOf(now)] as const);
    return [backend.service, Object.fromEntries(own)] as const;
  });
  const cohort = commonCohort(seen);
  const routing: Routing = {
    weights: Object.fromEntries(weights),
    ...(cohort === undefined ? {} : { cohort }),
  };
  const servers = seen.flatMap(({ backend, servers }) =>
    Object.entries(servers).map(([server, { stats, address, port }]) => ({
      service: backend.service,
      server,
      isUp: isUp(stats),
      sessions: stats.sessions,
      ...(isIP(address) === 0
        ? {}
        : { address: isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}` }),
    })),
  );
  return { routing, servers };
}

export function weightOf(server: ServerState): number {
  return takesTraffic(server) ? server.weight : 0;
}

export function isUp({ status }: ServerStats): boolean {
  return !status.startsWith("DOWN");
}

/** One that is not whole, or not in every backend, has no servers, so that it equals none that somebody wants. */
function commonCohort(seen: readonly BackendNow[]): Routing["cohort"] {
  const [first, ...more] = seen.map(cohortOf);
  const others = more.filter((cohort) => !isDeepStrictEqual(cohort, first));
  const match = first?.match ?? others[0]?.match;
  return others.length === 0 || match === undefined ? first : { match, servers: [] };
}

function cohortOf({ maps, servers }: BackendNow): Routing["cohort"] {
  const cohort = maps === null ? null : readCohort(maps);
  if (cohort === null) return undefined;
  const named = cohort.names.map(
    (name) => Object.entries(servers).find(([, now]) => now.name === name)?.[0] ?? name,
  );
  return { match: cohort.match, servers: named };
}

function unknownBackend(setup: Setup, { name, service }: Backend): Problem {
  return new Problem({
    code: "TRAFFIC_BACKEND_UNKNOWN",
    what: `haproxy has no backend "${name}" with servers, which traffic: names for the service "${service}".`,
    fix: `Correct traffic: backends: ${service}, or add the backend to ${setup.config}.`,
    state: "Nothing was changed by this step.",
    exit: exits.refused,
  });
}

function unknownServer(
  server: string,
  known: readonly string[],
  backend: Backend,
  states: readonly ServerState[],
): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_UNKNOWN",
    what: `The backend "${backend.name}" of haproxy has no server "${server}".`,
    why: `It was looked for as ${known.join(", ")}.`,
    fix: `Add a line like "server ${server} ${known.at(-1) ?? server}:${backend.port} check" to the backend, or say how it is called there: servers: [{ host: ${server}, address: NAME }].`,
    state: "Nothing was changed by this step.",
    evidence: states.map(({ name, address, port }) => `server ${name} ${address}:${port}`),
    exit: exits.refused,
  });
}

function ambiguous(server: string, backend: Backend, found: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_AMBIGUOUS",
    what: `The backend "${backend.name}" of haproxy has more than one server for "${server}": ${found.join(", ")}.`,
    fix: `Say which one in the config: servers: [{ host: ${server}, address: ${found[0] ?? "NAME"} }]`,
    state: "Nothing was changed by this step.",
    exit: exits.refused,
  });
}
