import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectExit, openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

const isRoot = process.getuid?.() === 0;
const canMount = isRoot && spawnSync("unshare", ["-m", "true"]).status === 0;

async function open(): Promise<Shop> {
  const shop = await openShop();
  onTestFinished(() => shop.close());
  return shop;
}

function mount(shop: Shop, options: string): void {
  mkdirSync(shop.path, { recursive: true });
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", shop.path]).status).toBe(0);
  onTestFinished(async () => {
    await shop.host.supervisor.shutdown("stop").catch(() => undefined);
    spawnSync("umount", ["-l", shop.path]);
  });
}

describe.skipIf(!canMount)("a disk that is full", () => {
  test("is refused before anything is touched when the release cannot fit", async () => {
    const shop = await open();
    mount(shop, "size=20m");
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 3);
    expect(ran.stderr).toContain("DISK_SHORT");
    expect(ran.stderr).toContain("Nothing was changed");
    expect(readdirSync(join(shop.path, "releases"))).toEqual([]);
  });

  test("while the release is built leaves the old one serving, its hooks told, and its room given back", async () => {
    const shop = await open();
    mount(shop, "size=80m");
    expectExit(await shop.cutover(["deploy"]), 0);
    const before = shop.current();
    const told = join(shop.host.directory, "told");
    const hooks = `hooks: { on-failure: ["echo $CUTOVER_RELEASE > ${told}"] }`;
    shop.configure(
      shopYaml(shop, { text: `build: { run: ["head -c 200M /dev/zero > artefact"] }\n${hooks}` }),
    );
    shop.write({ VERSION: "v2" });
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 4);
    expect(value.stderr).toContain("No space left on device");
    expect(value.stderr).toContain(`Release ${before} serves as before`);
    expect(proof.total.failed).toBe(0);
    expect(await shop.version()).toBe("v1");
    expect(readFileSync(told, "utf8").trim()).toMatch(/^\d{14}$/);
    shop.configure(shopYaml(shop));
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe("v2");
  });

  test("by somebody else, in the middle: the journal cannot be written, the way out is printed, and it leads out", async () => {
    const shop = await open();
    mount(shop, "size=80m");
    expectExit(await shop.cutover(["deploy"]), 0);
    const before = shop.current();
    const filler = join(shop.path, "filler");
    // Longer evidence than what is left of the journal's last page.
    const fill = `head -c 200M /dev/zero > ${filler}; for n in $(seq 60); do printf '%0300d\\\\n' $n; done; exit 1`;
    shop.configure(shopYaml(shop, { text: `hooks: { before-switch: ["${fill}"] }` }));
    shop.write({ VERSION: "v2" });
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 6);
    expect(value.stderr).toContain("JOURNAL_UNWRITABLE");
    expect(value.stderr).toContain("the disk is full");
    expect(value.stderr).toContain("cutover resume");
    expect(proof.total.failed).toBe(0);
    expect(shop.current()).toBe(before);
    expect(await shop.version()).toBe("v1");
    const stillFull = await shop.cutover(["abort"]);
    expectExit(stillFull, 3);
    expect(stillFull.stderr).toContain("DISK_FULL");
    rmSync(filler);
    expectExit(await shop.cutover(["abort"]), 0);
    expect(await shop.version()).toBe("v1");
    expect((await shop.host.service("shop/web")).instances).toHaveLength(2);
  });
});

test.runIf(canMount || !isRoot)(
  "a path that may not be written is refused before anything is touched",
  async () => {
    const shop = await open();
    if (isRoot) mount(shop, "ro,size=1m");
    else {
      mkdirSync(shop.path);
      chmodSync(shop.path, 0o555);
    }
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 3);
    expect(ran.stderr).toContain("PLACE_DENIED");
    expect(ran.stderr).toContain(shop.path);
    expect(ran.stderr).toContain("Nothing was changed");
  },
);

test("a current that is a directory is refused, with the commands that make it a link", async () => {
  const shop = await open();
  mkdirSync(join(shop.path, "current"), { recursive: true });
  writeFileSync(join(shop.path, "current/index.html"), "by hand");
  const ran = await shop.cutover(["deploy"]);
  expectExit(ran, 3);
  expect(ran.stderr).toContain("CURRENT_TAKEN");
  expect(ran.stderr).toContain("Nothing was changed");
  const fix = /Fix: .*?(mv .*)/.exec(ran.stderr)?.[1] ?? "";
  expect(spawnSync("sh", ["-c", fix]).status).toBe(0);
  expectExit(await shop.cutover(["deploy"]), 0);
  expect(await shop.version()).toBe("v1");
});

test("an app that another CUTOVER_HOME of this machine runs is left to it, before anything is touched", async () => {
  const shop = await open();
  expectExit(await shop.cutover(["deploy"]), 0);
  const other = join(shop.host.directory, "other");
  const env = { CUTOVER_HOME: other };
  onTestFinished(() => shop.cutover(["kill", "--yes"], env).then(() => undefined));
  shop.write({ VERSION: "v2" });
  const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"], env));
  expectExit(value, 3);
  expect(value.stderr).toContain(`PORT_TAKEN`);
  expect(value.stderr.replaceAll(/\s+/g, " ")).toContain(`CUTOVER_HOME=${shop.host.home}`);
  expect(proof.total.failed).toBe(0);
  expect(readdirSync(join(shop.path, "releases"))).toEqual([shop.current()]);
  expectExit(await shop.cutover(["deploy"]), 0);
  expect(await shop.version()).toBe("v2");
});
