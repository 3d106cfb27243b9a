import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Ran } from "../host.ts";
import { follow, type Running } from "./bed/running.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";

type Settings = Readonly<Record<string, string | number>>;

/** Two servers behind haproxy whose canaries are judged; nobody watches any of the deployments. */
export interface JudgedShop {
  readonly shop: FleetShop;
  /** What `rollout:` and `servers:` say. */
  configure(rollout: string, servers?: string): void;
  deploy(settings: Settings): Promise<Ran>;
  /** Under way, with --json. */
  begin(settings: Settings): Promise<Running>;
  /** From here on every release answers 500 on these servers, or well again. */
  break(names: readonly string[]): void;
  mend(): void;
}

const switchFile = "srv/shop/broken";
/** Every answer takes 50 ms and more, so that a busy machine makes no difference that counts. */
const good: Settings = { ANSWER_MS: 50, FAILS_WITH: `/${switchFile}` };
const memory = "150M";

/** With a first release that serves, v0. */
export async function openJudgedShop(): Promise<JudgedShop> {
  const shop = await openFleetShop({ hosts: ["h1", "h2"], balancer: "haproxy" });
  const configure = (rollout: string, servers = "[deploy@h1, deploy@h2]"): void => {
    shop.configure({ name: "canary", servers, rollout, balancer: "haproxy" });
    const file = join(shop.project, "cutover.yml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("instances: 1", `instances: 1\n    memory: ${memory}`));
  };
  const write = (settings: Settings): Promise<void> => shop.write({ ...good, ...settings });
  const deploy: JudgedShop["deploy"] = async (settings) => {
    await write(settings);
    return await shop.program.run(["deploy", "--yes"]);
  };
  configure("{ strategy: canary, bake: 100ms, canary: { judge: false } }");
  const first = await deploy({ VERSION: "v0" });
  expect(first.exit, first.stdout + first.stderr).toBe(0);
  const switches = shop.bed.hosts.map(({ name, directory }) => ({ name, file: join(directory, switchFile) }));
  return {
    shop,
    configure,
    deploy,
    async begin(settings) {
      await write(settings);
      return follow(shop.program.start(["deploy", "--yes", "--json"]));
    },
    break(names) {
      for (const { file } of switches.filter(({ name }) => names.includes(name))) writeFileSync(file, "");
    },
    mend: () => switches.forEach(({ file }) => rmSync(file, { force: true })),
  };
}
