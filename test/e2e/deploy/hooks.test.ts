import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runs } from "./running.ts";
import { expectExit, openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

const points = ["before-switch", "after-switch", "after-deploy", "on-failure"] as const;

/** Appends where it runs, what `current` is, and the documented variables. */
const teller = `#!/bin/sh
echo "$1 $(pwd) $(readlink "$CUTOVER_PATH/current") $CUTOVER_APP $CUTOVER_RELEASE $CUTOVER_PREVIOUS $CUTOVER_REVISION $CUTOVER_STAGE $CUTOVER_PATH $CUTOVER_HOST $GREETING [$OWN]" >> "$CUTOVER_PATH/told"
`;

describe("hooks and the migration", () => {
  let shop: Shop;
  let told: string;

  beforeAll(async () => {
    shop = await openShop();
    told = join(shop.path, "told");
    writeFileSync(join(shop.project, "tell.sh"), teller);
    writeFileSync(join(shop.project, ".env.template"), "GREETING=hello\n");
    configure();
    expectExit(await shop.cutover(["deploy", "--stage", "staging"]), 0);
  });
  afterAll(() => shop.close());

  const hooks = (more: Readonly<Record<string, string>> = {}): string =>
    points.map((point) => `  ${point}: ["${more[point] ?? `sh tell.sh ${point}`}"]`).join("\n");

  function configure(more: { readonly hooks?: string; readonly migrate?: string } = {}): void {
    const text = `${more.migrate ?? ""}
env: { template: .env.template }
hooks:
${more.hooks ?? hooks()}
stages: { staging: { keep: 3 } }`;
    shop.configure(shopYaml(shop, { service: "env: { OWN: of-web }", text }));
  }

  const tellMigration = "sh tell.sh migrate";

  function takeTold(): readonly string[] {
    const lines = existsSync(told) ? readFileSync(told, "utf8").trim().split("\n") : [];
    rmSync(told, { force: true });
    return lines;
  }

  const words = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.split(" ")[0] ?? "");

  async function deploy(version: string) {
    shop.write({ VERSION: version });
    return await underLoad(shop, () => shop.cutover(["deploy", "--stage", "staging"]));
  }

  test("run in order, in the release directory, with every documented variable and the release's env", async () => {
    takeTold();
    const previous = String(shop.current());
    shop.write({ VERSION: "v2" });
    const ran = await shop.cutover(["deploy", "--stage", "staging", "--json"]);
    expectExit(ran, 0);
    const { release } = JSON.parse(ran.stdout.trim().split("\n").at(-1) ?? "{}") as { release: string };
    const directory = join(shop.path, "releases", release);
    const listed = await shop.cutover(["releases", "--json", "--stage", "staging"]);
    const revision = new RegExp(`"id":"${release}".*?"revision":"([^"]+)"`).exec(listed.stdout)?.[1];
    expect(revision).toBeDefined();
    const facts = `shop ${release} ${previous} ${revision} staging ${shop.path} ${hostname()} hello []`;
    expect(takeTold()).toEqual([
      `before-switch ${directory} releases/${previous} ${facts}`,
      `after-switch ${directory} releases/${release} ${facts}`,
      `after-deploy ${directory} releases/${release} ${facts}`,
    ]);
  });

  test("a before-switch hook that hangs is ended at its deadline, and the old release serves", async () => {
    const before = shop.current();
    configure({ hooks: `${hooks({ "before-switch": "echo waiting; sleep 4711" })}\n  timeout: 1s` });
    const { value, proof } = await deploy("v3");
    expectExit(value, 4);
    expect(value.stderr).toContain("HOOK_FAILED");
    expect(value.stderr).toContain("deadline of 1 s");
    expect(value.stderr).toContain("waiting");
    expect(shop.current()).toBe(before);
    expect(proof.total.failed).toBe(0);
    expect(proof.versions.map((one) => one.version)).toEqual(["v2"]);
    expect(words(takeTold())).toEqual(["on-failure"]);
    expect(runs("sleep 4711")).toBe(false);
  });

  test("a failing after-switch hook goes back to the old release", async () => {
    const before = shop.current();
    configure({ hooks: hooks({ "after-switch": "echo cache is locked; exit 9" }) });
    const { value, proof } = await deploy("v4");
    expectExit(value, 4);
    expect(value.stderr).toContain("cache is locked");
    expect(shop.current()).toBe(before);
    expect(proof.total.failed).toBe(0);
    expect(await shop.version()).toBe("v2");
    expect(words(takeTold())).toEqual(["before-switch", "on-failure"]);
  });

  test("failing after-deploy and on-failure hooks only warn", async () => {
    const migrate = `migrate: ${tellMigration}`;
    configure({ hooks: hooks({ "after-deploy": "exit 9", "on-failure": "exit 8" }), migrate });
    const good = await deploy("v5");
    expectExit(good.value, 0);
    expect(good.value.stdout).toContain('The after-deploy hook "exit 9" failed with exit code 9');
    expect(await shop.version()).toBe("v5");
    shop.write({ VERSION: "broken", CRASH_AT_BOOT: "1" });
    const bad = await shop.cutover(["deploy", "--stage", "staging"]);
    expectExit(bad, 4);
    expect(bad.stdout).toContain('The on-failure hook "exit 8" failed with exit code 8');
    expect(await shop.version()).toBe("v5");
  });

  test("the migration runs once, before current is switched, with the new release's env", async () => {
    takeTold();
    writeFileSync(join(shop.project, ".env.template"), "GREETING=bonjour\n");
    configure({ migrate: `migrate: { run: "${tellMigration}" }` });
    const previous = String(shop.current());
    expectExit((await deploy("v6")).value, 0);
    const lines = takeTold();
    expect(words(lines)).toEqual(["migrate", "before-switch", "after-switch", "after-deploy"]);
    const release = String(shop.current());
    expect(lines[0]).toMatch(
      new RegExp(
        `^migrate ${shop.path}/releases/${release} releases/${previous} shop ${release} .* bonjour \\[\\]$`,
      ),
    );
  });

  test("a rollback migrates nothing", async () => {
    takeTold();
    expectExit(await shop.cutover(["rollback", "--stage", "staging"]), 0);
    expect(await shop.version()).toBe("v5");
    expect(words(takeTold())).not.toContain("migrate");
  });

  test("migrate.on takes the directory and the environment of that service", async () => {
    takeTold();
    mkdirSync(join(shop.project, "api"), { recursive: true });
    writeFileSync(join(shop.project, "api/tell.sh"), teller);
    writeFileSync(join(shop.project, "api/run.cjs"), "setInterval(() => {}, 1000);");
    configure({ migrate: `migrate: { run: "${tellMigration}", on: api }` });
    const yaml = readFileSync(join(shop.project, "cutover.yml"), "utf8");
    const api =
      "  api: { run: node run.cjs, dir: api, health: { none: true, min-uptime: 100ms }, env: { OWN: $NAME } }";
    shop.configure(yaml.replace("rollout:", `${api}\nrollout:`));
    shop.write({ VERSION: "v7" });
    expectExit(await shop.cutover(["deploy", "--stage", "staging"], { NAME: "of-the-api" }), 0);
    const [line = ""] = takeTold();
    expect(line).toMatch(/^migrate \S+\/releases\/\d+\/api .* bonjour \[of-the-api\]$/);
  });

  test("a migration that fails or hangs leaves the old release serving", async () => {
    const before = shop.current();
    for (const [migrate, reason] of [
      ["migrate: { run: 'echo column is missing; exit 3' }", "column is missing"],
      ["migrate: { run: sleep 4712, timeout: 1s }", "deadline of 1 s"],
    ] as const) {
      configure({ migrate });
      const { value, proof } = await deploy("v8");
      expectExit(value, 4);
      expect(value.stderr).toContain("MIGRATE_FAILED");
      expect(value.stderr).toContain(reason);
      expect(proof.total.failed).toBe(0);
      expect(proof.versions.map((one) => one.version)).toEqual(["v7"]);
      expect(shop.current()).toBe(before);
      expect(words(takeTold())).toEqual(["on-failure"]);
    }
    expect(runs("sleep 4712")).toBe(false);
  });
});
