import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runs } from "./running.ts";
import { expectExit, openShop, type Shop, shopYaml } from "./shop.ts";

describe("builds", () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
    makePackage("1.0.0");
    writeFileSync(join(shop.project, ".cutoverignore"), "node_modules\npackage\n");
    writeFileSync(
      join(shop.project, "with-library.cjs"),
      'process.env.VERSION = `library ${require("library")}`;\nrequire("./http.cjs");\n',
    );
    rmSync(join(shop.project, "settings.json"));
  });
  afterAll(() => shop.close());

  /** A dependency that lies in the project as a file, so that no registry is asked. */
  function makePackage(version: string): void {
    const source = join(shop.project, "package");
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, "package.json"), JSON.stringify({ name: "library", version }));
    writeFileSync(join(source, "index.js"), `module.exports = "${version}";\n`);
    execFileSync("tar", ["-czf", `library-${version}.tgz`, "package"], { cwd: shop.project });
    const dependencies = { library: `file:library-${version}.tgz` };
    writeFileSync(join(shop.project, "package.json"), JSON.stringify({ name: "shop", dependencies }));
    const npm = ["install", "--package-lock-only", "--offline", "--no-audit", "--no-fund"];
    execFileSync("npm", npm, { cwd: shop.project, stdio: "ignore" });
  }

  function configure(build: string): void {
    const yaml = shopYaml(shop, { text: `build: ${build}` });
    shop.configure(yaml.replace("node http.cjs", "node with-library.cjs"));
  }

  const install = "npm ci --offline --no-audit --no-fund";
  const cached = `{ run: ["${install}", "echo built by $CUTOVER_RELEASE > built"], cache: { node_modules: package-lock.json } }`;

  test("the first deploy installs, the next one with the same lockfile takes the directory from the store", async () => {
    configure(cached);
    const first = await shop.cutover(["deploy", "--verbose"]);
    expectExit(first, 0);
    expect(first.stdout).toContain(`build | $ ${install}`);
    expect(first.stdout).not.toContain("skipped:");
    expect(await shop.version()).toBe("library 1.0.0");

    const second = await shop.cutover(["deploy", "--force", "--verbose"]);
    expectExit(second, 0);
    expect(second.stdout).toMatch(/node_modules: unchanged package-lock.json, put in place .* in \d+ ms/);
    expect(second.stdout).toContain(`skipped: ${install}`);
    expect(second.stdout).not.toContain(`$ ${install}`);
    expect(readFileSync(join(shop.path, "current/built"), "utf8")).toBe(`built by ${shop.current()}\n`);
    expect(await shop.version()).toBe("library 1.0.0");
  });

  test("a changed lockfile installs again, and a rollback finds the dependencies of its own release", async () => {
    makePackage("2.0.0");
    const ran = await shop.cutover(["deploy", "--verbose"]);
    expectExit(ran, 0);
    expect(ran.stdout).not.toContain("skipped:");
    expect(await shop.version()).toBe("library 2.0.0");
    expectExit(await shop.cutover(["rollback"]), 0);
    expect(await shop.version()).toBe("library 1.0.0");
  });

  test("where: here builds as well, on this machine being the server", async () => {
    configure(cached.replace("{", "{ where: here,"));
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe("library 2.0.0");
    expect(readFileSync(join(shop.path, "current/built"), "utf8")).toBe(`built by ${shop.current()}\n`);
  });

  test("a build past its deadline is ended with what it started, and the old release serves", async () => {
    const before = shop.current();
    configure('{ run: ["echo compiling; sleep 4713 & wait"], timeout: 1s }');
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 4);
    expect(ran.stderr).toContain("BUILD_FAILED");
    expect(ran.stderr).toContain("deadline of 1 s");
    expect(ran.stderr).toContain("compiling");
    expect(shop.current()).toBe(before);
    expect(await shop.version()).toBe("library 2.0.0");
    expect(runs("sleep 4713")).toBe(false);
    expect(existsSync(join(shop.path, ".cutover/deploy.holder"))).toBe(false);
  });
});
