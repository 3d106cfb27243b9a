import { expect, test } from "vitest";
import type { TrafficCounters } from "../../../src/plan/traffic.ts";
import { until } from "../../e2e/bare.ts";
import { routing, type Bed } from "./bed.ts";
import { ask, freshClient, keptClient, tally } from "./client.ts";

async function countersOf(bed: Bed, server: string): Promise<TrafficCounters> {
  const found = (await bed.balancer.counters()).find((one) => one.server === server);
  if (found === undefined) throw new Error(`no counters of ${server}`);
  return found;
}

/** Failures that the balancer has hidden from its clients so far. */
export async function hiddenFailures(bed: Bed): Promise<number> {
  const all = await bed.balancer.counters();
  return all.reduce((sum, { retries, redispatches }) => sum + retries + redispatches, 0);
}

export function describeCounters(get: () => Bed): void {
  test("counts requests and failed answers per server, or says that it cannot", async () => {
    const { balancer, driver, url } = get();
    if (!driver.abilities.hasCounters) return expect(await balancer.counters()).toEqual([]);
    await balancer.write(routing([1, 0, 0]));
    const before = [await countersOf(get(), "app1"), await countersOf(get(), "app2")] as const;
    await ask(url, 30);
    const client = freshClient(url);
    for (let i = 0; i < 5; i += 1) await client.get("/fail");
    await until("35 requests are counted", async () => {
      return (await countersOf(get(), "app1")).requests === before[0].requests + 35;
    });
    const after = await countersOf(get(), "app1");
    expect(after.failed - before[0].failed).toBe(5);
    expect((await countersOf(get(), "app2")).requests).toBe(before[1].requests);
  });

  test("counts what it tried again, which no client saw, where it counts", async () => {
    const { driver, url, apps } = get();
    const { hasCounters } = driver.abilities;
    const before = await hiddenFailures(get());
    await apps.app("app2").close();
    const client = keptClient(url);
    const got = await tally(client, 12);
    client.close();
    await apps.app("app2").open();
    expect(Object.keys(got).sort()).toEqual(["app1", "app3"]);
    if (hasCounters) await until("tries are counted", async () => (await hiddenFailures(get())) > before);
    // Balancers that put such a server aside for a while need to see it again.
    await until(
      "app2 takes requests again",
      async () => (await tally(freshClient(url), 3))["app2"] !== undefined,
    );
  });
}
