import type { Balancer, BalancerSettings, Driver } from "../driver.ts";
import { askServer } from "./ask.ts";
import { divisionOf, noticeOf } from "./division.ts";
import { frontendsOf } from "./frontends.ts";
import { install, noticesOf, readConfig } from "./install.ts";
import { isUp, look, stateOf } from "./look.ts";
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
    async uneven() {
      const [seen, config] = [await look(setup), await readConfig(setup)];
      return seen.flatMap((now) => noticeOf(now, divisionOf(setup, now, config)));
    },
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
      const [seen, config] = [await look(setup), await readConfig(setup)];
      return seen.flatMap((now) =>
        Object.entries(now.servers).map(([server, { stats }]) => ({
          service: now.backend.service,
          server,
          requests: stats.requests,
          failed: stats.failed,
          retries: stats.retries,
          redispatches: stats.redispatches,
          dividedBy: divisionOf(setup, now, config)?.line,
          isDown: !isUp(stats),
        })),
      );
    },
    async frontends() {
      const config = await readConfig(setup);
      return config === null ? [] : frontendsOf(config, setup.backends);
    },
  };
}
