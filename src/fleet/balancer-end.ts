import { lookup } from "node:dns/promises";
import { mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Answered, Comparison } from "../plan/comparison.ts";
import type { Outcome } from "../plan/effect.ts";
import { exits, Problem } from "../problem.ts";
import { homePaths } from "../process/home.ts";
import type { Abilities, Balancer, TrafficSettings } from "../traffic/driver.ts";
import { drivers } from "../traffic/drivers.ts";
import { aboutHere } from "./about.ts";
import { type Addresses, addressesOf } from "./server-addresses.ts";
import type { ApplyRequest, BalancerEnd, Live } from "./end.ts";
import { raiseEpoch, readEpoch, underEpoch } from "./epoch.ts";
import { outcomeOf } from "./outcome.ts";
import { askServers, drainServers, setRouting, type Watched } from "./traffic-effects.ts";

export interface BalancerEndOptions {
  /** As in traffic.hosts, without the user. */
  readonly name: string;
  readonly app: string;
  readonly settings: TrafficSettings;
  /** Where CUTOVER_HOME and HOME are read from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
  /** Sends the requests of a comparison; absent: there is none. */
  readonly compare?:
    | ((comparison: Comparison, addresses: Addresses) => Promise<readonly Answered[]>)
    | undefined;
}

const epochPollMs = 500;

/** The balancer of one app on this machine. Reads and changes nothing yet. Problems: TRAFFIC_ENGINE, TRAFFIC_OPTION. */
export async function openBalancerEnd(options: BalancerEndOptions): Promise<BalancerEnd> {
  const { name, app, settings } = options;
  const load = drivers[settings.spec.engine];
  if (load === undefined) throw unknownEngine(settings.spec.engine);
  const driver = await load();
  const home = join(homePaths(options.env).home, "balancers");
  const behind = await onlyBehind(settings);
  const balancer = driver.open({ ...behind, app, home });
  // One for all users of the machine, so that each of them meets the others' epochs.
  const directory = join(balancer.directory ?? home, app);
  return {
    name,
    about: aboutHere(options.version),
    epoch: () => readEpoch(directory),
    async raise(epoch, operator) {
      await makeDirectory(directory);
      return await raiseEpoch(directory, epoch, operator);
    },
    async observe() {
      const [epoch, state] = await Promise.all([readEpoch(directory), balancer.read()]);
      return { host: name, reachable: true, epoch, ...state };
    },
    async apply(request, live) {
      await makeDirectory(directory);
      return await apply({ balancer, directory, abilities: driver.abilities }, request, live);
    },
    counters: () => balancer.counters(),
    frontends: () => balancer.frontends(),
    preflight: async () => [
      ...(await balancer.notices()),
      ...(settings.hasShares === true ? await balancer.uneven() : []),
    ],
    async compare(comparison) {
      if (options.compare === undefined) throw new Error("this end compares nothing");
      return await options.compare(comparison, await placesOf(balancer, behind, comparison));
    },
    close: () => Promise.resolve(),
  };
}

/** What this machine cannot resolve the balancer may know by number. */
async function placesOf(
  balancer: Balancer,
  settings: TrafficSettings,
  comparison: Comparison,
): Promise<Addresses> {
  try {
    return addressesOf(settings, comparison);
  } catch {
    return addressesOf(settings, comparison, (await balancer.read()).servers);
  }
}

interface Here {
  readonly balancer: Balancer;
  readonly abilities: Abilities;
  readonly directory: string;
}

/** Changes are made under the epoch's lock; what only looks is given up as soon as a higher one is accepted. */
async function apply(here: Here, { effect, epoch, goal }: ApplyRequest, live: Live): Promise<Outcome> {
  if (effect.layer !== "traffic") throw new Error("a balancer was asked to act as a host");
  const { balancer, directory, abilities } = here;
  if (effect.verb === "switch")
    return await underEpoch(directory, epoch, () =>
      outcomeOf(async () => ({ notes: await setRouting(balancer, effect.routing) })),
    );
  const present = await readEpoch(directory);
  if (present > epoch) return { outcome: "stale", epoch: present };
  const overtaken = new AbortController();
  const watched: Watched = {
    balancer,
    abilities,
    signal: AbortSignal.any([overtaken.signal, ...(live.signal === undefined ? [] : [live.signal])]),
  };
  const guard = watchEpoch(directory, epoch, overtaken);
  const outcome = await outcomeOf(async () => ({
    notes: await (effect.verb === "drain"
      ? drainServers(watched, effect)
      : askServers(watched, effect, goal)),
  }));
  const accepted = await guard.end();
  return accepted > epoch ? { outcome: "stale", epoch: accepted } : outcome;
}

/** Aborts when an epoch above `epoch` is accepted; `end` answers the one in force. */
function watchEpoch(
  directory: string,
  epoch: number,
  overtaken: AbortController,
): { end(): Promise<number> } {
  const done = new AbortController();
  const watching = (async () => {
    for (;;) {
      const isOver = await delay(epochPollMs, false, { signal: done.signal }).catch(() => true);
      if (isOver) return;
      if ((await readEpoch(directory).catch(() => epoch)) > epoch) return overtaken.abort();
    }
  })();
  return {
    async end() {
      done.abort();
      await watching;
      return await readEpoch(directory);
    },
  };
}

/** Services with a backend, and for each server what it is called here and what that resolves to on this machine. */
async function onlyBehind({ spec, servers, services, cohort }: TrafficSettings): Promise<TrafficSettings> {
  const known = Object.entries(servers).map(async ([server, names]) => {
    const found = await Promise.all(names.map(resolve));
    return [server, [...new Set([...names, ...found.flat()])]] as const;
  });
  const behind = Object.entries(services).filter(([service]) => spec.backends[service] !== undefined);
  return {
    spec,
    servers: Object.fromEntries(await Promise.all(known)),
    services: Object.fromEntries(behind),
    cohort,
  };
}

async function resolve(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const user = userInfo().username;
    throw new Problem(
      {
        code: "TRAFFIC_FILES",
        what: `cutover could not create ${path}, where it keeps who may change this balancer.`,
        why: error instanceof Error ? error.message : String(error),
        fix: `Give it to the deploying user: sudo install -d -o ${user} ${path}`,
        state: "The balancer does what it did before.",
        exit: exits.refused,
      },
      { cause: error },
    );
  }
}

function unknownEngine(engine: string): Problem {
  return new Problem({
    code: "TRAFFIC_ENGINE",
    what: `There is no traffic driver "${engine}".`,
    fix: `Set traffic: engine to one of ${Object.keys(drivers).join(", ")}.`,
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}
