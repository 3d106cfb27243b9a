import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CrashShop, deployOnce, killAtEveryRecord } from "../fleet/crashes.ts";
import { readNewestJournal } from "../fleet/journal.ts";
import { openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

const moments = ["before", "torn", "after"] as const;

/** The operator dies by SIGKILL at a record of the journal; whoever comes next finishes or undoes from the journal alone. */
describe("crash at every journal record, with the real supervisor", () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
    const [migrate, hook] = ["migrated", "hooked"].map(
      (file) => `'echo $CUTOVER_RELEASE >>${join(shop.host.directory, file)}'`,
    );
    const text = `migrate: { run: ${migrate} }\nhooks: { before-switch: [${hook}] }`;
    shop.configure(shopYaml(shop, { text, bake: "100ms" }).replace("min-uptime: 400ms", "min-uptime: 100ms"));
    shop.write({ VERSION: "v0" });
    expect((await shop.cutover(["deploy"])).exit).toBe(0);
  });
  afterAll(() => shop.close());

  test("one who comes next goes on from there, again and again, to one good release, and no request is lost", async () => {
    const { value, proof } = await underLoad(shop, async () => {
      const wanted = await deployOnce(crashShop());
      return { wanted, deaths: await killAtEveryRecord(crashShop(), wanted) };
    });
    const { wanted, deaths } = value;
    await expectOneRelease(shop);
    console.log(
      `resume: ${deaths.count} operators killed at the ${wanted.length} records, ${deaths.deployments} deployments, ` +
        `${proof.total.sent} requests sent, ${proof.total.failed} lost`,
    );
    expect(wanted.length).toBeGreaterThan(20);
    expect(deaths.missing).toEqual([]);
    expect(proof.total.failed).toBe(0);
  }, 300_000);

  /** After every deployment all instances are of one release. */
  function crashShop(): CrashShop {
    return {
      program: { run: (words, env) => shop.cutover(words, env) },
      write: (settings) => shop.write(settings),
      journal: () => readNewestJournal(shop.path),
      version: () => shop.version(),
      async versions() {
        await expectOneRelease(shop);
        return [await shop.version()];
      },
    };
  }

  async function abortAt(record: number): Promise<"over" | "crashed"> {
    const moment = moments[record % moments.length] ?? "after";
    const before = await shop.version();
    const next = `a${record}`;
    shop.write({ VERSION: next });
    const ran = await shop.cutover(["deploy"], { CUTOVER_CRASH_AT: `${record}:${moment}` });
    if (ran.exit === 0) return "over";
    expect(ran.exit, ran.stdout + ran.stderr).toBe(128);
    const out = await shop.cutover(["abort"]);
    const said = `${record}:${moment}: ${out.stdout}${out.stderr}`;
    await expectOneRelease(shop);
    expect(out.exit, said).toBe(record === 1 && moment !== "after" ? 3 : 0);
    // Past the verdict there is nothing to undo: an abort then finds the new release.
    expect([before, next], said).toContain(await shop.version());
    return "crashed";
  }

  test.each(["before", "torn"])(
    "one who died at the first record, %s, leaves nothing to go on with",
    async (moment) => {
      const before = await shop.version();
      shop.write({ VERSION: `first ${moment}` });
      const ran = await shop.cutover(["deploy"], { CUTOVER_CRASH_AT: `1:${moment}` });
      expect(ran.exit, ran.stdout + ran.stderr).toBe(128);
      const out = await shop.cutover(["resume"]);
      expect(out.exit, out.stdout + out.stderr).toBe(3);
      await expectOneRelease(shop);
      expect(await shop.version()).toBe(before);
    },
  );

  test("an abort ends every crash with one good release, and no request is lost", async () => {
    const { value: records, proof } = await underLoad(shop, async () => {
      for (let record = 1; record < 200; record += 1) if ((await abortAt(record)) === "over") return record;
      throw new Error("the deployment never came to its end");
    });
    console.log(
      `abort: ${records - 1} records, ${proof.total.sent} requests sent, ${proof.total.failed} lost`,
    );
    expect(records).toBeGreaterThan(20);
    expect(proof.total.failed).toBe(0);
  }, 300_000);
});

/** Every instance runs the release that current points to, and accepts; its migration and its hook have run. */
async function expectOneRelease(shop: Shop): Promise<void> {
  const { instances } = await shop.host.service("shop/web");
  expect(instances.map(({ release, state }) => ({ release, state }))).toEqual(
    Array.from({ length: 2 }, () => ({ release: shop.current(), state: "open" })),
  );
  for (const file of ["migrated", "hooked"])
    expect(readFileSync(join(shop.host.directory, file), "utf8").split("\n")).toContain(shop.current());
}
