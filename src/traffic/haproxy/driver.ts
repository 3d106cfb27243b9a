import type { Balancer, BalancerSettings, Driver } from "../driver.ts";
import { readText } from "../file.ts";
import { askServer } from "./ask.ts";
import { frontendsOf } from "./frontends.ts";
import { install, noticesOf } from "./install.ts";
import { look, stateOf } from "./look.ts";
import { readSetup } from "./setup.ts";
import { writeRouting } from "./write.ts";

/** haproxy 2.6 and later by its runtime API: weights and maps change while it runs, and are kept in files for its next start. */
export const haproxy: Driver = {
  abilities: { hasWeights: true, hasCohorts: true, hasSessions: true, hasCounters: true, isHot: true },
  open,
};

function open(settings: BalancerSettings): Balancer {
  const setup = readSetup(settings);
  return {
    directory: setup.files,
    notices: async () => await noticesOf(setup, await look(setup)),
    read: async () => stateOf(await look(setup)),
    write: (routing) => writeRouting(setup, routing),
    async ask(service, server) {
      const seen = await look(setup);
      await install(setup, seen);
      const found = seen.find(({ backend }) => backend.service === service);
      const asked = found?.servers[server];
      if (found === undefined || asked === undefined) throw new Error(`no server ${server} of ${service}`);
      return await askServer(found.backend, asked);
    },
    async counters() {
      return (await look(setup)).flatMap(({ backend, servers }) =>
        Object.entries(servers).map(([server, { stats }]) => ({
          service: backend.service,
          server,
          requests: stats.requests,
          failed: stats.failed,
          retries: stats.retries,
          redispatches: stats.redispatches,
          isSticky: stats.isSticky,
        })),
      );
    },
    async frontends() {
      const config = await readText(setup.config).catch(() => null);
      return config === null ? [] : frontendsOf(config, setup.backends);
    },
  };
}
