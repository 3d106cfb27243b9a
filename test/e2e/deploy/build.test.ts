import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runs } from "./running.ts";
import { until } from "../bare.ts";
import { expectExit, openShop, type Shop, shopYaml, underLoad } from "./shop.ts";

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
    // Reads its dependency at every request.
    writeFileSync(
      join(shop.project, "reads-library.cjs"),
      `const { readFileSync } = require("node:fs");
const server = require("node:http").createServer((request, response) => {
  const [, version] = /"(.*)"/.exec(readFileSync(require.resolve("library"), "utf8"));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ version: "library " + version }));
});
server.listen(process.env.PORT ?? 3000);
process.on("SIGTERM", () => server.close());
`,
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

  const four = 'module.exports = "4.0.0";\n';

  function configure(build: string, program = "with-library.cjs"): void {
    const yaml = shopYaml(shop, { text: `build: ${build}` });
    shop.configure(yaml.replace("node http.cjs", `node ${program}`));
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

  test("npm ci of the next release leaves alone what the running one reads, while it is installed and after", async () => {
    makePackage("3.0.0");
    configure(cached, "reads-library.cjs");
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe("library 3.0.0");
    const go = join(shop.host.directory, "go");
    makePackage("4.0.0");
    const wait = `until test -e ${go}; do sleep 0.05; done`;
    configure(
      cached.replace(`"${install}"`, `"rm -rf node_modules", "${install}", "${wait}"`),
      "reads-library.cjs",
    );
    const { value, proof } = await underLoad(shop, async () => {
      const deployed = shop.cutover(["deploy"]);
      const installed = (): boolean =>
        readdirSync(join(shop.path, "releases")).some(
          (id) =>
            id !== shop.current() &&
            readOr(join(shop.path, "releases", id, "node_modules/library/index.js")) === four,
        );
      await until("the next release is installed", installed, 60_000);
      expect(await shop.version()).toBe("library 3.0.0");
      writeFileSync(go, "");
      return await deployed;
    });
    expectExit(value, 0);
    expect(proof.total.failed).toBe(0);
    expect(proof.versions.map(({ version }) => version).toSorted()).toEqual([
      "library 3.0.0",
      "library 4.0.0",
    ]);
    configure(cached);
    makePackage("2.0.0");
    expectExit(await shop.cutover(["deploy"]), 0);
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

function readOr(file: string, otherwise = ""): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
