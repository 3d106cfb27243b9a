import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { answers, until } from "../bare.ts";
import { runs } from "./running.ts";
import { expectExit, openShop, type Shop, shopYaml, underLoad } from "./shop.ts";
import { type Running, start } from "./start.ts";

describe("SIGINT and SIGTERM to a deploy", () => {
  let shop: Shop;
  let versions = 1;

  beforeAll(async () => {
    shop = await openShop();
    expectExit(await shop.cutover(["deploy"]), 0);
  });
  beforeEach(() => {
    shop.configure(measured());
  });
  afterAll(() => shop.close());

  function measured(more: Parameters<typeof shopYaml>[1] = {}): string {
    return shopYaml(shop, { ...more, isMeasured: true });
  }

  /** As a terminal does on Ctrl-C: to the whole process group. */
  function signal(running: Running, name: NodeJS.Signals): void {
    process.kill(-(running.child.pid ?? 0), name);
  }

  async function expectAllOf(version: string): Promise<void> {
    expect(await shop.version()).toBe(version);
    const { instances } = await shop.host.service("shop/web");
    expect(instances.map(({ release, state }) => ({ release, state }))).toEqual(
      Array.from({ length: 2 }, () => ({ release: shop.current(), state: "open" })),
    );
  }

  test.each([
    ["SIGINT in the build", "build: { run: ['echo compiling; sleep 4714'] }", "compiling", ["SIGINT"]],
    [
      "SIGTERM in a hook",
      "hooks: { before-switch: ['echo compiling; sleep 4714'] }",
      "compiling",
      ["SIGTERM"],
    ],
    ["SIGINT in the migration", "migrate: echo compiling; sleep 4714", "compiling", ["SIGINT"]],
  ] as const)("%s undoes at once: exit 4, the old release serves", async (_, text, word, signals) => {
    const before = { current: shop.current(), version: await shop.version() };
    shop.configure(measured({ text }));
    shop.write({ VERSION: "never" });
    const { value, proof } = await underLoad(shop, async () => {
      const running = start(shop, ["deploy"]);
      await running.said(word);
      for (const name of signals) signal(running, name);
      const sent = performance.now();
      const ran = await running.ended();
      expect(performance.now() - sent).toBeLessThan(10_000);
      return ran;
    });
    expectExit(value, 4);
    expect(value.stderr).toContain("DEPLOY_ABORTED");
    expect(proof.total.failed).toBe(0);
    expect(proof.versions.map((one) => one.version)).toEqual([before.version]);
    expect(shop.current()).toBe(before.current);
    await expectAllOf(before.version);
    expect(runs("sleep 4714")).toBe(false);
    expectExit(await shop.cutover(["resume"]), 3);
  });

  test("a second signal before the switch stops where things are: exit 6, and abort undoes", async () => {
    const before = { current: shop.current(), version: await shop.version() };
    shop.configure(measured({ text: "migrate: echo migrating; sleep 4714" }));
    shop.write({ VERSION: "never" });
    const running = start(shop, ["deploy"]);
    await running.said("migrating");
    // Two of the same kind could arrive as one.
    signal(running, "SIGINT");
    signal(running, "SIGTERM");
    const ran = await running.ended();
    expectExit(ran, 6);
    expect(ran.stderr).toContain("INTERRUPTED");
    expectExit(await shop.cutover(["abort"]), 0);
    expect(shop.current()).toBe(before.current);
    await expectAllOf(before.version);
  });

  test("an operator killed while the new instances boot leaves what abort undoes at once", async () => {
    const version = await shop.version();
    shop.configure(measured().replace("boot: 8s", "boot: 40s"));
    shop.write({ VERSION: "never", NEVER_LISTEN: "1" });
    const running = start(shop, ["deploy"]);
    await running.said("begin  Check web");
    running.child.kill("SIGKILL");
    await running.ended();
    const aborted = await shop.cutover(["abort"]);
    expectExit(aborted, 0);
    expect(aborted.ms).toBeLessThan(15_000);
    await expectAllOf(version);
  });

  test("while the new instances boot, it does not wait for their deadline", async () => {
    const version = await shop.version();
    shop.configure(measured().replace("boot: 8s", "boot: 40s"));
    shop.write({ VERSION: "never", NEVER_LISTEN: "1" });
    const running = start(shop, ["deploy"]);
    await running.said("begin  Check web");
    await until(
      "the new instances run",
      async () => (await shop.host.service("shop/web")).instances.length > 2,
    );
    const sent = performance.now();
    signal(running, "SIGINT");
    const ran = await running.ended();
    expectExit(ran, 4);
    expect(performance.now() - sent).toBeLessThan(15_000);
    await expectAllOf(version);
  });

  test.each([
    [
      "in an after-switch hook",
      "hooks: { after-switch: ['echo switched; sleep 1; echo slept'] }",
      "switched",
    ],
    ["in the bake time", "", "hold "],
  ])("%s it ends with 6 after the step under way, and resume finishes", async (_, text, word) => {
    const version = `v${++versions}`;
    shop.configure(measured({ text, bake: "3s" }));
    shop.write({ VERSION: version });
    const { value, proof } = await underLoad(shop, async () => {
      const running = start(shop, ["deploy"]);
      await running.said(word);
      signal(running, "SIGINT");
      signal(running, "SIGINT");
      const ran = await running.ended();
      const resumed = await shop.cutover(["resume"]);
      return { ran, resumed };
    });
    expectExit(value.ran, 6);
    expect(value.ran.stderr).toContain("INTERRUPTED");
    expect(value.ran.stderr).toContain("cutover resume");
    if (text !== "") expect(value.ran.stdout).toContain("hook after-switch | slept");
    expectExit(value.resumed, 0);
    expect(proof.total.failed).toBe(0);
    await expectAllOf(version);
  });

  test("after the switch, abort goes back", async () => {
    const before = { current: shop.current(), version: await shop.version() };
    shop.configure(measured({ bake: "30s" }));
    shop.write({ VERSION: "unwanted" });
    const { value, proof } = await underLoad(shop, async () => {
      const running = start(shop, ["deploy"]);
      await running.said("hold ");
      signal(running, "SIGTERM");
      const ran = await running.ended();
      expect(await shop.version()).toBe("unwanted");
      const refused = await shop.cutover(["deploy"]);
      return { ran, refused, aborted: await shop.cutover(["abort"]) };
    });
    expectExit(value.ran, 6);
    expectExit(value.refused, 3);
    expect(value.refused.stderr).toContain("DEPLOY_UNFINISHED");
    expectExit(value.aborted, 0);
    expect(proof.total.failed).toBe(0);
    expect(shop.current()).toBe(before.current);
    await expectAllOf(before.version);
  });
});

test("SIGINT in the boot of the very first deploy leaves nothing behind", async () => {
  const shop = await openShop();
  onTestFinished(() => shop.close());
  shop.configure(shopYaml(shop).replace("boot: 8s", "boot: 40s"));
  shop.write({ VERSION: "never", NEVER_LISTEN: "1" });
  const running = start(shop, ["deploy"]);
  await running.said("begin  Check web");
  running.child.kill("SIGINT");
  const ran = await running.ended();
  expectExit(ran, 4);
  expect(ran.stderr).toContain("Nothing is live");
  expect(await shop.host.supervisor.services()).toEqual([]);
  expect(await answers(`http://127.0.0.1:${shop.port}/`)).toBe(false);
  expect(shop.current()).toBe(null);
});
