import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

const moments = ["before", "torn", "after"] as const;

/** The operator dies by SIGKILL at a record of the journal; whoever comes next finishes or undoes from the journal alone. */
describe("crash at every journal record, with the real supervisor", () => {
  let shop: Shop;
  let versions = 0;

  beforeAll(async () => {
    shop = await openShop();
    shop.configure(shopYaml(shop, { text: "migrate: { run: 'true' }\nhooks: { before-switch: ['true'] }" }));
    shop.write({ VERSION: "v0" });
    expect((await shop.cutover(["deploy"])).exit).toBe(0);
  });
  afterAll(() => shop.close());

  async function crashAt(record: number, way: "resume" | "abort"): Promise<"over" | "crashed"> {
    const moment = moments[record % moments.length] ?? "after";
    const before = { release: shop.current(), version: await shop.version() };
    const next = `v${++versions}`;
    shop.write({ VERSION: next });
    const ran = await shop.cutover(["deploy"], { CUTOVER_CRASH_AT: `${record}:${moment}` });
    if (ran.exit === 0) return "over";
    expect(ran.exit, ran.stdout + ran.stderr).toBe(128);
    if (!isUnfinished(await shop.cutover(["status", "--json"]))) return "crashed";
    const out = await shop.cutover([way]);
    const isDone = way === "resume" || next === (await shop.version());
    expect(out.exit, `${record}:${moment} ${way}: ${out.stdout}${out.stderr}`).toBe(0);
    expect(await shop.version()).toBe(isDone ? next : before.version);
    await expectOneRelease(shop);
    return "crashed";
  }

  test.each(["resume", "abort"] as const)(
    "%s ends every crash with one good release and no lost request",
    async (way) => {
      const { value: records, proof } = await underLoad(
        shop,
        async () => {
          for (let record = 1; record < 200; record += 1)
            if ((await crashAt(record, way)) === "over") return record;
          throw new Error("the deployment never came to its end");
        },
        60,
      );
      console.log(
        `${way}: ${records - 1} records, ${proof.total.sent} requests sent, ${proof.total.failed} lost`,
      );
      expect(records).toBeGreaterThan(20);
      expect(proof.total.failed).toBe(0);
    },
    300_000,
  );
});

function isUnfinished(status: { readonly stdout: string }): boolean {
  const last = status.stdout.trim().split("\n").at(-1) ?? "{}";
  return (JSON.parse(last) as { readonly unended?: unknown }).unended !== null;
}

/** Every instance runs the release that current points to, and accepts. */
async function expectOneRelease(shop: Shop): Promise<void> {
  const { instances } = await shop.host.service("shop/web");
  expect(instances.map(({ release, state }) => ({ release, state }))).toEqual(
    Array.from({ length: 2 }, () => ({ release: shop.current(), state: "open" })),
  );
}
