import { expect, test } from "vitest";
import type { ProofResult } from "../../src/proof/result.ts";
import type { BalancerKind } from "../e2e/fleet/bed/balancer.ts";
import { type FleetShop, openFleetShop } from "../e2e/fleet/fleet-shop.ts";
import { markdownTable, report } from "./record.ts";

const ratePerSecond = 100;
const hosts = ["h1", "h2", "h3", "h4"] as const;
const all = `[${hosts.map((name) => `deploy@${name}`).join(", ")}]`;
const match = 'match: { header: User-Agent, regex: "Mobile" }';

const ways = [
  { name: "rolling by 2", servers: all, rollout: "{ strategy: rolling, batch: 2, bake: 500ms }" },
  {
    name: "blue-green, cohort first",
    servers: "{ blue: [deploy@h1, deploy@h2], green: [deploy@h3, deploy@h4] }",
    rollout: `{ strategy: blue-green, bake: 500ms, keep-warm: 500ms, canary: { ${match}, hold: 500ms, judge: false } }`,
  },
  {
    name: "canary: cohort, 25 %, 50 %",
    servers: all,
    rollout: `{ strategy: canary, bake: 500ms, canary: { ${match}, steps: [25%, 50%, 100%], hold: 500ms, judge: false } }`,
  },
] as const;

let versions = 0;

async function deploySeconds(shop: FleetShop): Promise<number> {
  const version = `v${++versions}`;
  await shop.write({ VERSION: version });
  const ran = await shop.program.run(["deploy", "--yes"]);
  expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
  expect(await shop.versions()).toEqual(hosts.map(() => version));
  return ran.ms / 1000;
}

async function measure(balancer: BalancerKind): Promise<readonly (readonly string[])[]> {
  const shop = await openFleetShop({ hosts, balancer });
  try {
    const rows: (readonly string[])[] = [];
    for (const way of ways) {
      shop.configure({ ...way, balancer });
      // The first one also puts the settings of this strategy in force.
      await deploySeconds(shop);
      const prober = await shop.load(ratePerSecond);
      const seconds = [await deploySeconds(shop), await deploySeconds(shop)];
      const proof = await prober.stop();
      expect(proof.failures, `${balancer}, ${way.name}`).toEqual([]);
      rows.push([balancer, way.name, ...figuresOf(proof), seconds.map((one) => one.toFixed(1)).join(", ")]);
    }
    return rows;
  } finally {
    await shop.close();
  }
}

function figuresOf({ total }: ProofResult): readonly string[] {
  const { sent, failed, longestGapMs, p50Ms, p99Ms } = total;
  return [String(sent), String(failed), ...[longestGapMs, p50Ms, p99Ms].map((ms) => ms?.toFixed(0) ?? "-")];
}

test("fleet-load: deploys of four hosts behind a balancer", async () => {
  const rows: (readonly string[])[] = [
    [
      "balancer",
      "strategy",
      "requests",
      "lost",
      "longest gap, ms",
      "p50, ms",
      "p99, ms",
      "seconds of a deploy",
    ],
  ];
  for (const balancer of ["haproxy", "nginx"] as const) rows.push(...(await measure(balancer)));
  const how = `Two deploys of each strategy, ${ratePerSecond} requests a second through the balancer all the while, kept and fresh connections; hosts, balancer and operator in network namespaces of one machine, whose two cores they share with the client. The balancers retry nothing. Holds are 0.5 s, so the seconds are what cutover itself takes.`;
  report("fleet-load", "Requests lost while a fleet is deployed", `${how}\n\n${markdownTable(rows)}`);
});
