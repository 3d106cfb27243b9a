import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../bare.ts";
import type { Machine } from "./bed/machine.ts";
import { missingForBed } from "./bed/missing.ts";
import { type Canary, openCanary } from "./canary.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";
import { hosts } from "./strategies.ts";

/** Something else than the operator dies in the middle of a deployment; load through the balancer goes on all the while. */
describe.skipIf(missingForBed(["haproxy"]).length > 0)("what dies on the machines of a fleet", () => {
  let shop: FleetShop;
  let canary: Canary;
  let h1: Machine;
  let lb: Machine;

  beforeAll(async () => {
    shop = await openFleetShop({ hosts, balancer: "haproxy" });
    [h1, lb] = [shop.bed.hosts[0], shop.bed.balancers[0]] as [Machine, Machine];
    canary = await openCanary(shop);
  });
  afterAll(() => shop.close());

  async function pidsOf(machine: Machine, part: string): Promise<readonly string[]> {
    const { stdout } = await machine.run(["ps", "-eo", "pid=,args="]);
    const lines = stdout.split("\n").filter((line) => line.includes(part));
    return lines.flatMap((line) => /^\s*(\d+)/.exec(line)?.[1] ?? []);
  }

  /** Name, weight and administrative state of each server, from haproxy itself. */
  async function weights(): Promise<readonly string[]> {
    const ask = `const to = require("net").connect("/run/haproxy/admin.sock");
      to.end("show servers state be_web\\n");
      to.pipe(process.stdout);`;
    const { stdout } = await lb.run([process.execPath, "-e", ask]);
    const rows = stdout.split("\n").map((line) => line.split(" "));
    return rows.flatMap(([, backend, , name, , , admin, weight]) =>
      backend === "be_web" ? [`${name} ${weight} ${admin}`] : [],
    );
  }

  test.each([
    ["an agent", "dist/cli/main.js agent"],
    ["a supervisor", "process/supervisor/main.js"],
  ])("%s: the deployment goes on by itself", async (what, part) => {
    await canary.withoutLoss(`${what} killed`, async () => {
      const deploying = await canary.deployUntilReplaced();
      const pids = await pidsOf(h1, part);
      expect(pids).toHaveLength(1);
      await h1.run(["kill", "-KILL", ...pids]);
      expect(await deploying.ended, deploying.story()).toMatchObject({ exit: 0 });
      await canary.expectServing(canary.newest());
    });
  });

  test("the balancer, reloaded and started anew while a canary holds: the shares are as they were", async () => {
    const deploying = await canary.deployUntilHold();
    const before = await weights();
    expect(before).toEqual(["h1 1 0", "h2 4 0"]);
    await canary.withoutLoss("haproxy reloaded", async () => {
      const workers = await pidsOf(lb, "haproxy");
      const master = readFileSync(join(lb.directory, "run/haproxy.pid"), "utf8").trim();
      await lb.run(["kill", "-USR2", master]);
      await until("a new worker runs", async () =>
        (await pidsOf(lb, "haproxy")).some((pid) => !workers.includes(pid)),
      );
      expect(await weights()).toEqual(before);
    });
    // As at a loss of power, where requests cannot but be lost.
    await lb.run(["kill", "-KILL", ...(await pidsOf(lb, "haproxy"))]);
    await until("haproxy is gone", async () => (await pidsOf(lb, "haproxy")).length === 0);
    const started = await lb.run(["sh", "/run/start"]);
    expect(started.exit, started.stderr).toBe(0);
    expect(await weights()).toEqual(before);
    const promoted = await shop.program.run(["promote", "--yes"]);
    expect(promoted.exit, promoted.stdout + promoted.stderr).toBe(0);
    expect(await deploying.ended, deploying.story()).toMatchObject({ exit: 0 });
    await canary.expectServing(canary.newest());
  });

  test("the cable of one of two, so that nothing can be written down: it stops, says why and the way out", async () => {
    await canary.withoutLoss("one of two cut off", async () => {
      const deploying = await canary.deployUntilReplaced();
      await shop.bed.network.cut(h1);
      const result = await deploying.ended;
      expect(result, deploying.story()).toMatchObject({ exit: 6, problem: { code: "JOURNAL_UNWRITABLE" } });
      expect(result?.problem?.why).toContain("h1 does not answer");
      expect(result?.problem?.fix).toContain("cutover resume");
      await shop.bed.network.mend(h1);
      const resumed = await shop.program.run(["resume", "--yes"]);
      expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
      await canary.expectServing(canary.newest());
    });
  });
});
