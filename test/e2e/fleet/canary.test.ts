import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ran } from "../host.ts";
import { missingForBed } from "./bed/missing.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";

const isMissing = missingForBed(["haproxy"]).length > 0;
const hosts = ["h1", "h2", "h3"];
const judge = "{ rate: 240, paths: [/], warm-up: 500ms, pre-check: 3s }";
const canary = `{ steps: [10%, 100%], hold: 8s, judge: ${judge} }`;

/** Every answer takes 50 ms and more, so that a busy machine makes no difference that counts. */
const good = { ANSWER_MS: 50 };

/** Short times; nobody watches any of these deployments. */
describe.skipIf(isMissing)("a canary that the judge decides about, behind haproxy", () => {
  let shop: FleetShop;

  beforeAll(async () => {
    shop = await openFleetShop({ hosts, balancer: "haproxy" });
    shop.configure({
      name: "canary",
      servers: "[deploy@h1, deploy@h2, deploy@h3]",
      rollout: `{ strategy: canary, bake: 1s, canary: ${canary} }`,
      balancer: "haproxy",
    });
    const file = join(shop.project, "cutover.yml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("instances: 1", "instances: 1\n    memory: 150M"));
    const ran = await deploy({ ...good, VERSION: "v0" });
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
  });
  afterAll(() => shop.close());

  async function deploy(settings: Readonly<Record<string, string | number>>): Promise<Ran> {
    await shop.write(settings);
    return await shop.program.run(["deploy", "--yes"]);
  }

  test("a healthy release is promoted, and the verdict is told", async () => {
    const ran = await deploy({ ...good, VERSION: "v1" });
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
    expect(await shop.versions()).toEqual(["v1", "v1", "v1"]);
    expect(ran.stdout).toContain("The servers of the canary are as good as the others.");
    expect(ran.stdout).toMatch(/judge {2}Release \d+ is as good as release \d+\.\n {7}errors {3}new 0 of/);
  });

  test.each<[string, Readonly<Record<string, number>>, RegExp]>([
    [
      "answers one request in twenty with an error",
      { ERROR_SHARE: 0.05 },
      /^CANARY_HARM {2}.*fails more requests(.|\n)*errors {3}new \d+ of \d+ .*: worse(.|\n)*GET \/: status 500/m,
    ],
    [
      "takes twice as long",
      { ANSWER_MS: 100 },
      /^(CANARY|BAKE)_HARM {2}.*slower(.|\n)*slow {5}new \d+ of \d+ .*: worse/m,
    ],
    [
      "crashes after some seconds",
      { CRASH_AFTER_MS: 5000 },
      /^RELEASE_DIED {2}.* on h1 ended by itself(.|\n)*lost the connection to the database/m,
    ],
    [
      "leaks memory until it is beyond its limit",
      { LEAK_MB_PER_SECOND: 40 },
      /^RELEASE_MEMORY {2}.* on h1 grew beyond its memory limit: it uses \d+ MB, and its limit is 150 MB/m,
    ],
  ])("one that %s is undone with the evidence, and the old one serves", async (_what, weakness, evidence) => {
    const ran = await deploy({ ...good, ...weakness, VERSION: "bad" });
    expect(ran.exit, ran.stdout + ran.stderr).toBe(4);
    expect(ran.stderr, ran.stdout).toMatch(evidence);
    expect(await shop.versions()).toEqual(["v1", "v1", "v1"]);
    expect(await shop.version()).toBe("v1");
  });
});
