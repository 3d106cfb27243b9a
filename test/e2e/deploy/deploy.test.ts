import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../bare.ts";
import { expectExit, openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

describe("deploy, rollback and what goes wrong", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  test("plan shows the first deployment and touches nothing", async () => {
    const ran = await shop.cutover(["plan"]);
    expectExit(ran, 0);
    expect(ran.stdout).toContain("Start 2 of web");
    expect(existsSync(join(shop.path, "releases"))).toBe(false);
  });

  test("the first deploy puts the application live", async () => {
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe("v1");
    const status = await shop.cutover(["status"]);
    expect(status.stdout).toContain(`release ${shop.current()} is live`);
    expect(status.stdout).toContain(join(shop.path, "releases", String(shop.current())));
    expect(status.stdout).not.toContain("drift");
  });

  test("a second deploy with nothing changed says so and makes no release", async () => {
    const before = shop.current();
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 0);
    expect(ran.stdout).toContain("Nothing to deploy");
    expect(shop.current()).toBe(before);
  });

  test("a saved plan is refused once what it was made against has changed", async () => {
    const file = join(shop.host.directory, "plan.json");
    shop.write({ VERSION: "v1.1" });
    expectExit(await shop.cutover(["plan", "--out", file, "--exit-code"]), 10);
    shop.write({ VERSION: "v1.2" });
    const ran = await shop.cutover(["deploy", "--plan", file]);
    expectExit(ran, 3);
    expect(ran.stderr).toContain("PLAN_STALE");
    expect(await shop.version()).toBe("v1");
    shop.write({ VERSION: "v1.1" });
    expectExit(await shop.cutover(["deploy", "--plan", file]), 0);
    expect(await shop.version()).toBe("v1.1");
  });

  test("a new version replaces the old one under load without a lost request", async () => {
    shop.write({ VERSION: "v2" });
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 0);
    expect(proof.total.failed).toBe(0);
    expect(await shop.version()).toBe("v2");
  });

  test.each([
    ["does not build", {}, "BUILD_FAILED", "build: { run: ['echo compiling; exit 3'] }"],
    ["crashes at boot", { CRASH_AT_BOOT: "1" }, "cannot read the configuration of this release", ""],
    ["never listens", { NEVER_LISTEN: "1" }, "nothing listens", ""],
    ["answers its health check with 500", { HEALTH_STATUS: 500 }, "500", ""],
    ["flaps", { HEALTH_FLAPS: 2 }, "500", ""],
    ["dies before it is trusted", { CRASH_AFTER_MS: 150 }, "lost the connection to the database", ""],
    ["dies within the bake time", { CRASH_AFTER_MS: 2500 }, "lost the connection to the database", ""],
  ])(
    "a release that %s leaves the old one serving, with exit 4 and the reason",
    async (_, settings, reason, text) => {
      const before = shop.current();
      const bake = text === "" ? "4s" : "300ms";
      shop.configure(shopYaml(shop, { text, bake }));
      shop.write({ VERSION: "broken", ...settings });
      const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
      expectExit(value, 4);
      expect(value.stdout + value.stderr).toContain(reason);
      expect(value.stdout + value.stderr).toContain(String(before));
      expect(shop.current()).toBe(before);
      expect(await shop.version()).toBe("v2");
      const isTrusted = "CRASH_AFTER_MS" in settings && settings.CRASH_AFTER_MS > 1000;
      if (!isTrusted) {
        expect(proof.total.failed).toBe(0);
        expect(proof.versions.map(({ version }) => version)).toEqual(["v2"]);
      }
      shop.configure(shopYaml(shop));
    },
  );

  test("rollback goes to the previous live release, not to a broken one", async () => {
    const { value, proof } = await underLoad(shop, () => shop.cutover(["rollback"]));
    expectExit(value, 0);
    expect(proof.total.failed).toBe(0);
    expect(await shop.version()).toBe("v1.1");
  });

  test("changed settings are applied: instances, env; a removed variable is gone", async () => {
    writeFileSync(
      join(shop.project, ".env.template"),
      "GREETING=hello\nSECRET=$TOP_SECRET\nTZ=Pacific/Auckland\n",
    );
    shop.write({ VERSION: "v3" });
    const text = "env: { template: .env.template, to: .env }";
    shop.configure(shopYaml(shop, { text }).replace("instances: 2", "instances: 3"));
    const ran = await shop.cutover(["deploy", "--verbose"], { TOP_SECRET: "correct horse", TZ: "UTC" });
    expectExit(ran, 0);
    expect(ran.stdout + ran.stderr).not.toContain("correct horse");
    const envFile = join(shop.path, "current/.env");
    expect(statSync(envFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(envFile, "utf8")).toContain("correct horse");
    const running = (await shop.host.service("shop/web")).instances;
    expect(running).toHaveLength(3);
    expect(readFileSync(`/proc/${running[0]?.pid}/environ`, "utf8")).toContain("TZ=Pacific/Auckland");

    writeFileSync(join(shop.project, ".env.template"), "GREETING=hello\n");
    expectExit(await shop.cutover(["deploy"]), 0);
    const [instance] = (await shop.host.service("shop/web")).instances;
    const environment = readFileSync(`/proc/${instance?.pid}/environ`, "utf8");
    expect(environment).toContain("GREETING=hello");
    expect(environment).not.toContain("SECRET=");

    expectExit(await shop.cutover(["rollback"]), 0);
    const [older] = (await shop.host.service("shop/web")).instances;
    expect(readFileSync(`/proc/${older?.pid}/environ`, "utf8")).toContain("SECRET=correct horse");
  });

  test("a command of the project's own node_modules/.bin is found, runs without a shell, and takes over the port", async () => {
    const script = '#!/usr/bin/env node\\nrequire("../../http.cjs");\\n';
    const install = `mkdir -p node_modules/.bin && printf '${script}' > node_modules/.bin/serve && chmod +x node_modules/.bin/serve`;
    const text = `build: { run: ["${install.replaceAll('"', '\\"')}"] }`;
    shop.configure(shopYaml(shop, { text }).replace("run: node http.cjs", "run: serve"));
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 0);
    expect(proof.total.failed).toBe(0);
    const [instance] = (await shop.host.service("shop/web")).instances;
    expect(readFileSync(`/proc/${instance?.pid}/comm`, "utf8").trim()).toBe("node");
    shop.configure(shopYaml(shop));
    expectExit(await shop.cutover(["deploy"]), 0);
  });

  test("hooks and the migration run in order with the release's variables; a failing migration switches nothing", async () => {
    const note = (word: string): string =>
      `echo ${word} $CUTOVER_RELEASE $CUTOVER_PREVIOUS >> ${shop.path}/order`;
    const text = `migrate: { run: "${note("migrate")}" }
hooks:
  before-switch: ["${note("before")}"]
  after-switch: ["${note("after")}"]
  after-deploy: ["${note("deployed")}"]
  on-failure: ["${note("failed")}"]`;
    const previous = shop.current();
    shop.write({ VERSION: "v4" });
    shop.configure(shopYaml(shop, { text }));
    expectExit(await shop.cutover(["deploy"]), 0);
    const lines = readFileSync(join(shop.path, "order"), "utf8").trim().split("\n");
    expect(lines).toEqual(
      ["migrate", "before", "after", "deployed"].map((word) => `${word} ${shop.current()} ${previous}`),
    );

    shop.write({ VERSION: "v5" });
    shop.configure(shopYaml(shop, { text: text.replace('migrate: { run: "', 'migrate: { run: "exit 7; ') }));
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 4);
    expect(ran.stdout + ran.stderr).toContain("exit code 7");
    expect(await shop.version()).toBe("v4");
    expect(readFileSync(join(shop.path, "order"), "utf8")).toContain("failed ");
  });

  test("a second operator is told who deploys, a hand lock says why", async () => {
    shop.configure(shopYaml(shop));
    shop.write({ VERSION: "v6", BOOT_MS: 1500 });
    const first = shop.cutover(["deploy"]);
    const holder = join(shop.path, ".cutover/deploy.holder");
    await until("the first deploy holds its lock", () => existsSync(holder));
    const second = await shop.cutover(["deploy"]);
    expectExit(second, 3);
    expect(second.stdout + second.stderr).toContain("LOCK_HELD");
    expectExit(await first, 0);
    expectExit(await shop.cutover(["lock", "-m", "release party"]), 0);
    // Also where there is nothing to deploy.
    for (const words of [["deploy"], ["deploy", "--force"]]) {
      const locked = await shop.cutover(words);
      expectExit(locked, 3);
      expect(locked.stdout + locked.stderr).toContain("release party");
    }
    expectExit(await shop.cutover(["unlock"]), 0);
  });

  test("history and releases tell what happened", async () => {
    const history = await shop.cutover(["history", "-n", "50"]);
    expectExit(history, 0);
    expect(history.stdout).toMatch(/rollback/);
    expect(history.stdout).toMatch(/undone/);
    const releases = await shop.cutover(["releases"]);
    expect(releases.stdout).toContain("current");
    expect(releases.stdout).toContain("bad");
  });
});
