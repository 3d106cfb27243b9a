import { basename } from "node:path";
import { runShell } from "../shell.ts";
import type { Balancer, BalancerSettings, BalancerState, Driver } from "../driver.ts";
import type { Adapted } from "./adapted.ts";
import { noticesOfPolicies } from "./division.ts";
import { frontendsOf } from "./frontends.ts";
import { liveTree, readTree } from "../links/tree.ts";
import { type Configuration, dialed, look } from "./look.ts";
import { noAdmin, noCommand, notAdaptable, notInForce } from "./problems.ts";
import { askServer, askState, countRequests } from "./running.ts";
import { type Setup, readSetup } from "./setup.ts";
import { install, noticesOf, presentWeights, writeRouting } from "./write.ts";

/**
 * Caddy 2.6 and later: links that it follows at every request, so that a switch loads nothing (a load closes connections).
 * It counts requests under way, not what its servers answered.
 */
export const caddy: Driver = {
  abilities: { hasWeights: true, hasCohorts: true, hasSessions: true, hasCounters: false, isHot: true },
  open,
};

function open(settings: BalancerSettings): Balancer {
  const setup = readSetup(settings);
  const adaptedOf = openAdapted(setup);
  const adminOf = async (configuration: Configuration): Promise<string> =>
    adminIn(setup, await adaptedOf(configuration));
  const ready = async (): Promise<Configuration> => {
    const configuration = await look(setup);
    await adminOf(configuration);
    return configuration;
  };
  return {
    directory: setup.files,
    notices: async () => await noticesOf(setup, await ready()),
    async uneven() {
      const configuration = await look(setup);
      return noticesOfPolicies(setup, configuration, await adaptedOf(configuration));
    },
    async read() {
      const configuration = await look(setup);
      const under = await countRequests(setup, await adminOf(configuration));
      return await readState(setup, configuration, under);
    },
    write: async (routing) => writeRouting(setup, await ready(), routing),
    async ask(service, server) {
      await install(setup, await ready());
      return await askServer(setup, service, server);
    },
    counters: () => Promise.resolve([]),
    async frontends() {
      const configuration = await look(setup).catch(() => null);
      const adapted = configuration && (await adaptedOf(configuration).catch(() => null));
      return configuration && adapted ? frontendsOf(setup, configuration.proxies, adapted) : [];
    },
  };
}

async function readState(
  setup: Setup,
  configuration: Configuration,
  under: ReadonlyMap<string, number>,
): Promise<BalancerState> {
  const servers = configuration.proxies.flatMap(({ backend: { service }, servers }) =>
    Object.entries(servers).map(([server, upstream]) => ({
      service,
      server,
      isUp: true,
      sessions: under.get(dialed(upstream)) ?? 0,
    })),
  );
  if (!configuration.isInstalled) return { routing: { weights: presentWeights(configuration) }, servers };
  const tree = await liveTree(setup.directory);
  const routing = await readTree(setup.directory);
  const running = await askState(setup, basename(tree ?? ""));
  if (routing === null || !running.isFollowed) throw notInForce(setup);
  return { routing, servers };
}

/** The Caddyfile as Caddy reads it, asked of Caddy again only when it has changed. Problems: TRAFFIC_*. */
function openAdapted(setup: Setup): (configuration: Configuration) => Promise<Adapted> {
  let known: { readonly text: string; readonly adapted: Adapted } | undefined;
  return async ({ text }) => {
    if (known?.text === text) return known.adapted;
    const { isOk, lines } = await runShell(
      `${setup.command} adapt --config ${setup.config} --adapter caddyfile`,
      20_000,
    );
    if (!isOk && !lines.some((line) => line.startsWith("Error: "))) throw noCommand(setup, lines);
    if (!isOk) throw notAdaptable(setup, lines);
    // Caddy prints it as JSON in one line.
    const printed = lines.find((line) => line.startsWith("{") && line.includes('"apps"')) ?? "{}";
    const adapted: Adapted = JSON.parse(printed);
    known = { text, adapted };
    return adapted;
  };
}

/** As the Caddyfile's option of that name. Problem: TRAFFIC_UNREACHABLE. */
function adminIn(setup: Setup, { admin }: Adapted): string {
  if (admin?.disabled === true) throw noAdmin(setup);
  return admin?.listen ?? "localhost:2019";
}
