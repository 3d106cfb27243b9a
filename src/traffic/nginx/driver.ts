import { join } from "node:path";
import type { Routing } from "../../plan/traffic.ts";
import type { Balancer, BalancerSettings, BalancerState, Driver } from "../driver.ts";
import { readCounters } from "./counters.ts";
import { dividedBy, noticeOf } from "./division.ts";
import { readTree } from "../links/tree.ts";
import { type Configuration, openLook } from "./look.ts";
import { notInForce } from "./problems.ts";
import { askServer, askState } from "./running.ts";
import { addressesOf, countConnections } from "./sessions.ts";
import { type Setup, readSetup } from "./setup.ts";
import { install, isInstalled, noticesOf, presentWeights, writeRouting } from "./write.ts";

/**
 * nginx 1.22 and later: links that it follows at every request, an include for what has to be loaded. Requests and tries are
 * counted from its access log; whether a server is up it cannot tell before a request has failed there.
 */
export const nginx: Driver = {
  abilities: { hasWeights: true, hasCohorts: true, hasSessions: true, hasCounters: true, isHot: true },
  open,
};

function open(settings: BalancerSettings): Balancer {
  const setup = readSetup(settings);
  const look = openLook(setup);
  const ready = async (): Promise<Configuration> => {
    const configuration = await look();
    if (isInstalled(configuration, setup)) return configuration;
    await install(setup, configuration);
    return await look();
  };
  return {
    directory: setup.files,
    notices: async () => await noticesOf(setup, await look()),
    uneven: async () => (await look()).upstreams.flatMap((upstream) => noticeOf(setup, upstream)),
    read: async () => await read(setup, await look()),
    write: async (routing) => writeRouting(setup, await ready(), routing),
    async ask(service, server) {
      await ready();
      return await askServer(setup, service, server);
    },
    async counters() {
      const configuration = await look();
      const servers = addressed(setup, configuration);
      const counters = await readCounters(setup.log, join(setup.directory, "counters.json"), servers);
      return counters.map((one) => {
        const upstream = configuration.upstreams.find(({ backend }) => backend.service === one.service);
        return { ...one, dividedBy: upstream && dividedBy(setup, upstream) };
      });
    },
    frontends: () =>
      look().then(
        ({ frontends }) => frontends,
        () => [],
      ),
  };
}

async function read(setup: Setup, configuration: Configuration): Promise<BalancerState> {
  const routing = await readRouting(setup, configuration);
  const connections = await countConnections();
  const servers = addressed(setup, configuration).map(({ service, server, addresses }) => ({
    service,
    server,
    isUp: true,
    sessions:
      addresses.length === 0
        ? null
        : addresses.reduce((sum, address) => sum + (connections.get(address) ?? 0), 0),
  }));
  return { routing, servers };
}

/** What the running nginx follows; before it has cutover's lines, what its upstreams say. */
async function readRouting(setup: Setup, configuration: Configuration): Promise<Routing> {
  if (!isInstalled(configuration, setup)) return { weights: presentWeights(configuration.upstreams) };
  const running = await askState(setup);
  const routing = await readTree(setup.directory);
  if (routing === null || running.tree === "") throw notInForce(setup, running.tree);
  return routing;
}

function addressed(setup: Setup, { upstreams }: Configuration) {
  return upstreams.flatMap(({ backend, servers }) =>
    Object.entries(servers).map(([server, { address }]) => ({
      service: backend.service,
      server,
      addresses: addressesOf(address, setup.servers[server] ?? []),
    })),
  );
}
