import { basename } from "node:path";
import { runShell } from "../shell.ts";
import type { Balancer, BalancerSettings, BalancerState, Driver } from "../driver.ts";
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
  const adminOf = openAdmin(setup);
  const ready = async (): Promise<Configuration> => {
    const configuration = await look(setup);
    await adminOf(configuration);
    return configuration;
  };
  return {
    directory: setup.files,
    notices: async () => await noticesOf(setup, await ready()),
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

/** Where the admin API is, as the Caddyfile says; asked of Caddy again only when that has changed. Problems: TRAFFIC_*. */
function openAdmin(setup: Setup): (configuration: Configuration) => Promise<string> {
  let known: { readonly text: string; readonly admin: string } | undefined;
  return async ({ text }) => {
    if (known?.text === text) return known.admin;
    const { isOk, lines } = await runShell(
      `${setup.command} adapt --config ${setup.config} --adapter caddyfile`,
      20_000,
    );
    if (!isOk && !lines.some((line) => line.startsWith("Error: "))) throw noCommand(setup, lines);
    if (!isOk) throw notAdaptable(setup, lines);
    known = { text, admin: readAdmin(setup, lines) };
    return known.admin;
  };
}

/** Caddy prints the configuration as JSON in one line. */
function readAdmin(setup: Setup, lines: readonly string[]): string {
  const text = lines.find((line) => line.startsWith("{") && line.includes('"apps"')) ?? "{}";
  const config: unknown = JSON.parse(text);
  const admin = fieldOf(config, "admin");
  if (fieldOf(admin, "disabled") === true) throw noAdmin(setup);
  const listen = fieldOf(admin, "listen");
  return typeof listen === "string" ? listen : "localhost:2019";
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
