import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../bare.ts";
import { expectExit, openShop, type Shop, underLoad } from "./shop.ts";
import { findNginx, startNginx, type WebServer } from "./web-server.ts";

describe.skipIf(findNginx() === undefined)("static files behind nginx, with hashed assets", () => {
  let shop: Shop;
  let nginx: WebServer;

  function write(version: string): void {
    const build = join(shop.project, "public/build");
    rmSync(build, { recursive: true, force: true });
    mkdirSync(build, { recursive: true });
    writeFileSync(join(shop.project, "public/index.json"), JSON.stringify({ version }));
    writeFileSync(join(build, `app-${version}.js`), `"${version}"`);
    writeFileSync(join(build, "logo.svg"), version);
  }

  function configure(keep: string): void {
    shop.configure(
      `app: shop
path: ${shop.path}
services: { site: { engine: static } }
assets: { path: public/build, keep: ${keep} }
keep: 1
`,
    );
  }

  const statusOf = async (name: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${shop.port}/build/${name}`)).status;

  async function deploy(version: string): Promise<void> {
    write(version);
    expectExit(await shop.cutover(["deploy"]), 0);
  }

  beforeAll(async () => {
    shop = await openShop();
    const directory = join(shop.host.directory, "nginx");
    nginx = await startNginx({ directory, port: shop.port, root: join(shop.path, "current/public") });
    configure("7d");
    await deploy("v1");
  });
  afterAll(async () => {
    await nginx.stop();
    await shop.close();
  });

  test("the switch of current loses no request, and the files of releases that are gone stay reachable", async () => {
    const { proof } = await underLoad(shop, async () => {
      await deploy("v2");
      await deploy("v3");
    });
    expect(proof.total.failed).toBe(0);
    expect(await shop.version()).toBe("v3");
    for (const version of ["v1", "v2", "v3"]) expect(await statusOf(`app-${version}.js`)).toBe(200);
  });

  test("a file of the new build is never replaced by an older one of its name", async () => {
    const logo = await fetch(`http://127.0.0.1:${shop.port}/build/logo.svg`);
    expect(await logo.text()).toBe("v3");
  });

  test("what left the last live build longer ago than keep is gone", async () => {
    const left = Date.now();
    configure("1s");
    await until("a second has passed since v2 was live", () => Date.now() - left > 1100);
    await deploy("v4");
    expect(await statusOf("app-v1.js")).toBe(404);
    expect(await statusOf("app-v2.js")).toBe(404);
    expect(await statusOf("app-v3.js")).toBe(200);
    expect(existsSync(join(shop.path, "current/public/build/app-v4.js"))).toBe(true);
  });

  test("pages of the release that a rollback leaves find their files too", async () => {
    configure("7d");
    await deploy("v5");
    expectExit(await shop.cutover(["rollback"]), 0);
    expect(await shop.version()).toBe("v4");
    expect(await statusOf("app-v5.js")).toBe(200);
    expect(await statusOf("app-v3.js")).toBe(200);
  });
});
