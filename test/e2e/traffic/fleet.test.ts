import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FleetShop, openFleetShop } from "../fleet/fleet-shop.ts";
import { missingForBed } from "../fleet/bed/missing.ts";

const mobile = { "user-agent": "Mozilla/5.0 (iPhone) Mobile" };
const rollout =
  "{ strategy: canary, bake: 100ms, canary: { match: { header: User-Agent, regex: Mobile }, steps: [50%, 100%], hold: 1s } }";
const balancers = [
  { balancer: "haproxy", config: "etc/haproxy/haproxy.cfg" },
  { balancer: "nginx", config: "etc/nginx/nginx.conf" },
  { balancer: "caddy", config: "etc/caddy/Caddyfile" },
] as const;

/** An operator's own configuration, as it is before cutover ever saw it. */
describe.skipIf(missingForBed(["haproxy", "nginx", "caddy"]).length > 0).each(balancers)(
  "a fleet behind an ordinary $balancer",
  ({ balancer, config }) => {
    let shop: FleetShop;
    let original = "";
    const text = (): string => readFileSync(join(shop.bed.balancers[0]?.directory ?? "", config), "utf8");
    /** Its processes: a reload starts new ones. */
    const processes = async (): Promise<readonly string[]> => {
      const ran = await shop.bed.balancers[0]?.run(["ps", "-e", "-o", "pid=,comm="]);
      return (ran?.stdout ?? "").split("\n").filter((line) => line.includes(balancer));
    };
    const cutover = async (...words: string[]) => {
      const ran = await shop.program.run(words);
      return { ...ran, said: ran.stdout + ran.stderr };
    };

    beforeAll(async () => {
      shop = await openFleetShop({ hosts: ["h1", "h2"], balancer });
      shop.configure({ name: "canary", servers: "[deploy@h1, deploy@h2]", rollout, balancer });
      await shop.write({ VERSION: "v1" });
      original = text();
    });
    afterAll(() => shop.close());

    test("plan shows the lines that come into it, and changes nothing", async () => {
      const { exit, said } = await cutover("plan");
      expect(exit, said).toBe(0);
      expect(said).toContain(`/${config}`);
      expect(said).toMatch(/^\+ .*cutover/m);
      expect(text()).toBe(original);
    });

    test("the first deploy puts them there in the same command, and says so", async () => {
      const { exit, said } = await cutover("deploy", "--yes");
      expect(exit, said).toBe(0);
      expect(said).toContain(`cutover's lines into /${config}`);
      expect(await shop.versions()).toEqual(["v1", "v1"]);
      expect(await shop.version()).toBe("v1");
    });

    test("the next deploy leaves its configuration as it is, without a reload; the cohort sees the release first", async () => {
      const before = { text: text(), processes: await processes() };
      await shop.write({ VERSION: "v2" });
      const state = { isOver: false };
      const deploying = cutover("deploy", "--yes").finally(() => (state.isOver = true));
      const seen: (readonly [string, string])[] = [];
      while (!state.isOver) seen.push([await shop.version(mobile), await shop.version()]);
      const { exit, said } = await deploying;
      expect(exit, said).toBe(0);
      expect(said).not.toContain("cutover's lines");
      expect(seen).toContainEqual(["v2", "v1"]);
      expect(await shop.version()).toBe("v2");
      expect({ text: text(), processes: await processes() }).toEqual(before);
    });
  },
);
