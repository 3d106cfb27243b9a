import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingForBed } from "./bed/missing.ts";
import { crashAt, crashInARow } from "./crashes.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";
import { hosts, strategies } from "./strategies.ts";

const isMissing = missingForBed(["haproxy", "nginx"]).length > 0;

/** The operator dies by SIGKILL at a record of the journal; whoever comes next finishes or undoes from the hosts' journal alone. */
describe.skipIf(isMissing).each(strategies)("a fleet whose operator is killed, $name", (strategy) => {
  let shop: FleetShop;

  beforeAll(async () => {
    shop = await openFleetShop({ hosts, balancer: strategy.balancer });
    shop.configure(strategy);
    await shop.write({ VERSION: "v0" });
    const ran = await shop.program.run(["deploy", "--yes"]);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
  });
  afterAll(() => shop.close());

  test("again and again in one deployment: one good release and no lost request", async () => {
    const prober = await shop.load();
    const lives = await crashInARow(shop);
    const { total, failures } = await prober.stop();
    console.log(`${strategy.name}: ${lives} operators, ${total.sent} requests sent, ${total.failed} lost`);
    expect(failures).toEqual([]);
    expect(lives).toBeGreaterThan(10);
  }, 120_000);

  test("at the beginning, in the middle and at the end, then abort: one good release and no lost request", async () => {
    const prober = await shop.load();
    for (const record of [2, 12, 24]) await crashAt(shop, record, "abort");
    const { failures } = await prober.stop();
    expect(failures).toEqual([]);
  }, 120_000);
});
