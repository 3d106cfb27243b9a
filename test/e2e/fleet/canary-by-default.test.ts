import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingForBed } from "./bed/missing.ts";
import { type JudgedShop, openJudgedShop } from "./judged.ts";

/** By the judge's own defaults this takes two minutes, most of them waiting. */
describe.skipIf(missingForBed(["haproxy"]).length > 0)("a canary of which only the steps are said", () => {
  let judged: JudgedShop;

  beforeAll(async () => {
    judged = await openJudgedShop();
  });
  afterAll(() => judged.shop.close());

  test("is compared, judged and promoted when it is healthy, no client notices, and the way back is not held", async () => {
    const { shop } = judged;
    judged.configure("{ strategy: canary, canary: { steps: [50%, 100%], hold: 5s } }");
    const users = await shop.load(20);
    const ran = await judged.deploy({ VERSION: "v1" });
    const { total, failures } = await users.stop();
    console.log(`${ran.stdout}${total.sent} requests of users, ${total.failed} lost`);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
    expect(failures).toEqual([]);
    expect(await shop.versions()).toEqual(["v1", "v1"]);
    expect(ran.stdout).toContain("The servers of the canary are as good as the others.");
    expect(ran.stdout).toMatch(/judge {2}Release \d+ is as good as release \d+\.\n {7}errors {3}new 0 of/);
    const back = await shop.program.run(["rollback", "--yes"]);
    expect(back.exit, back.stdout + back.stderr).toBe(0);
    expect(back.stdout).not.toMatch(/comparing the servers|judging the new release|50 %/);
    expect(await shop.versions()).toEqual(["v0", "v0"]);
  }, 240_000);
});
