import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProberProcess } from "../../../src/proof/start.ts";
import type { BalancerKind } from "./bed/balancer.ts";
import { missingForBed } from "./bed/missing.ts";
import { deployOnce, killAtEveryRecord, killThenAbort } from "./crashes.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";
import { hosts, strategiesBehind, type StrategyCase } from "./strategies.ts";

const minutes = 60_000;

interface Crashes {
  /** Names of the strategies that are crashed at every record of their journal. */
  readonly atEvery: readonly string[];
  /** Of those that are crashed and aborted, with an abort that is killed too. */
  readonly aborted: readonly string[];
}

/**
 * Operators die by SIGKILL on one bed behind a real balancer, under load that never stops. No health check of nginx and no
 * retry of haproxy hides a lost request.
 */
export function describeCrashes(balancer: BalancerKind, { atEvery, aborted }: Crashes): void {
  const cases = strategiesBehind(balancer);
  const named = (names: readonly string[]): readonly StrategyCase[] =>
    cases.filter(({ name }) => names.includes(name));

  describe.skipIf(missingForBed([balancer]).length > 0)(`operators killed behind ${balancer}`, () => {
    let shop: FleetShop;
    let load: ProberProcess;
    /** Of a deployment that nobody disturbed. */
    const records = new Map<string, readonly string[]>();

    beforeAll(async () => {
      shop = await openFleetShop({ hosts, balancer });
      for (const strategy of named([...atEvery, ...aborted]).slice(0, 1)) shop.configure(strategy);
      await deployOnce(shop);
      load = await shop.load();
    });
    afterAll(() => shop.close());

    async function recordsOf(strategy: StrategyCase): Promise<readonly string[]> {
      shop.configure(strategy);
      const found = records.get(strategy.name) ?? (await deployOnce(shop));
      records.set(strategy.name, found);
      return found;
    }

    test.each(named(atEvery))(
      "at every record of a deployment, $name: whoever comes next brings it to one good release",
      async (strategy) => {
        const wanted = await recordsOf(strategy);
        const { count, deployments, missing } = await killAtEveryRecord(shop, wanted);
        console.log(
          `${strategy.name}: ${count} operators killed at the ${wanted.length} records, ${deployments} deployments`,
        );
        expect(missing).toEqual([]);
      },
      10 * minutes,
    );

    test.each(named(aborted))(
      "an abort after a death, and after one of its own, $name: the old release serves",
      async (strategy) => {
        const names = await recordsOf(strategy);
        const verdict = names.findIndex((name) => name.includes("promoted"));
        for (const share of [0.45, 0.9])
          await killThenAbort(shop, Math.ceil(verdict * share), Math.ceil(12 * share));
      },
      3 * minutes,
    );

    test("all the while no request was lost", async () => {
      const { total, failures } = await load.stop();
      console.log(`behind ${balancer}: ${total.sent} requests sent, ${total.failed} lost`);
      expect(failures).toEqual([]);
      expect(total.sent).toBeGreaterThan(1000);
    });
  });
}
