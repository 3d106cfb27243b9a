import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

const moments = ["before", "torn", "after"] as const;

/** The operator dies by SIGKILL at a record of the journal; whoever comes next finishes or undoes from the journal alone. */
describe("crash at every journal record, with the real supervisor", () => {
  let shop: Shop;
  let versions = 0;

  beforeAll(async () => {
    shop = await openShop();
    const text = "migrate: { run: 'true' }\nhooks: { before-switch: ['true'] }";
    shop.configure(shopYaml(shop, { text, bake: "100ms" }).replace("min-uptime: 400ms", "min-uptime: 100ms"));
    shop.write({ VERSION: "v0" });
    expect((await shop.cutover(["deploy"])).exit).toBe(0);
  });
  afterAll(() => shop.close());

  async function crashAt(record: number, way: "resume" | "abort"): Promise<"over" | "crashed"> {
    const moment = moments[record % moments.length] ?? "after";
    const before = await shop.version();
    const next = `v${++versions}`;
    shop.write({ VERSION: next });
    const ran = await shop.cutover(["deploy"], { CUTOVER_CRASH_AT: `${record}:${moment}` });
    if (ran.exit === 0) return "over";
    expect(ran.exit, ran.stdout + ran.stderr).toBe(128);
    const out = await shop.cutover([way]);
    const said = `${record}:${moment} ${way}: ${out.stdout}${out.stderr}`;
    const version = await shop.version();
    await expectOneRelease(shop);
    if (record === 1 && moment !== "after") expect(out.exit, said).toBe(3);
    else expect(out.exit, said).toBe(0);
    // Past the verdict there is nothing to undo: an abort then finds the new release.
    expect([way === "resume" ? next : before, ...(out.exit === 3 ? [before] : []), next], said).toContain(
      version,
    );
    if (out.exit === 0 && way === "resume") expect(version, said).toBe(next);
    return "crashed";
  }

  test.each(["resume", "abort"] as const)(
    "%s ends every crash with one good release and no lost request",
    async (way) => {
      const { value: records, proof } = await underLoad(shop, async () => {
        for (let record = 1; record < 200; record += 1)
          if ((await crashAt(record, way)) === "over") return record;
        throw new Error("the deployment never came to its end");
      });
      console.log(
        `${way}: ${records - 1} records, ${proof.total.sent} requests sent, ${proof.total.failed} lost`,
      );
      expect(records).toBeGreaterThan(20);
      expect(proof.total.failed).toBe(0);
    },
    300_000,
  );
});

/** Every instance runs the release that current points to, and accepts. */
async function expectOneRelease(shop: Shop): Promise<void> {
  const { instances } = await shop.host.service("shop/web");
  expect(instances.map(({ release, state }) => ({ release, state }))).toEqual(
    Array.from({ length: 2 }, () => ({ release: shop.current(), state: "open" })),
  );
}
