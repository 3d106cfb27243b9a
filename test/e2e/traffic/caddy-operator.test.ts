import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { isProblem, type ProblemDetail } from "../../../src/problem.ts";
import { caddy } from "../../../src/traffic/caddy/driver.ts";
import { openApps } from "../../contract/traffic/apps.ts";
import { even, routing } from "../../contract/traffic/bed.ts";
import { ask, freshClient } from "../../contract/traffic/client.ts";
import { settingsOf } from "../../contract/traffic/subject.ts";
import { freePort } from "../bare.ts";
import { findCaddy, type SiteLines, startCaddy } from "./caddy.ts";

const opened: (() => Promise<void>)[] = [];

async function open(lines?: SiteLines) {
  const directory = mkdtempSync(join(tmpdir(), "cutover-caddy-"));
  const apps = await openApps(["app1", "app2", "app3"]);
  const site = { directory, apps, port: await freePort() };
  const running = await startCaddy(site, lines);
  opened.push(async () => {
    await running.stop();
    await apps.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    running,
    directory,
    site,
    url: `http://127.0.0.1:${site.port}`,
    original: readFileSync(running.config, "utf8"),
    config: () => readFileSync(running.config, "utf8"),
    balancer: caddy.open(settingsOf(site, running.spec)),
  };
}

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function problemOf(run: () => Promise<unknown>): Promise<ProblemDetail> {
  try {
    await run();
  } catch (error) {
    if (isProblem(error)) return error.detail;
    throw error;
  }
  throw new Error("nothing was refused");
}

const withoutImports = (text: string): string => text.replaceAll(/^\s*import .*\/cutover\/shop\/.*\n/gm, "");

describe.skipIf(findCaddy() === undefined)("caddy and its operator", () => {
  test("lines are imports, are told before, are added once, and the rest of the file stays byte for byte", async () => {
    const { balancer, running, original, config } = await open();
    const [added, loses] = await balancer.notices();
    expect(added).toMatchObject({ code: "TRAFFIC_LINES_ADDED" });
    expect(added?.evidence).toContainEqual(expect.stringMatching(/^\+ \timport .*\/web\.caddy$/));
    expect(loses).toMatchObject({ code: "TRAFFIC_RELOAD_LOSES" });
    expect(config()).toBe(original);
    await balancer.write(routing([1, 0, 0]));
    expect(withoutImports(config())).toBe(original);
    expect(running.loads()).toBe(1);
    const first = config();
    await balancer.write(routing([0, 1, 0]));
    expect(config()).toBe(first);
    expect(running.loads()).toBe(1);
    expect(await balancer.notices()).toEqual([]);
  });

  test("other routes of the site keep their order, whatever is routed", async () => {
    const { balancer, url } = await open({
      before: ["@admin path /admin/*", "reverse_proxy /other/* 127.0.0.1:9", "respond /own own"],
      after: ["reverse_proxy @admin 127.0.0.1:9"],
    });
    const client = freshClient(url);
    for (const next of [even, routing([0, 1, 0]), routing([0, 0, 0])]) {
      await balancer.write(next);
      expect((await client.get("/own")).status).toBe(200);
      expect((await client.get("/admin/x")).status).toBe(502);
      expect((await client.get("/other/x")).status).toBe(502);
    }
    expect((await client.get("/")).status).toBe(503);
    await balancer.write(routing([0, 0, 1]));
    expect(await ask(url, 10)).toEqual({ app3: 10 });
  });

  test("a reverse_proxy for a path, and one within handle, are routed too", async () => {
    const { balancer, url } = await open({
      proxy: (to) => [`reverse_proxy /shop/* ${to}`, "handle /more/* {", `\treverse_proxy ${to}`, "}"],
    });
    await balancer.write(routing([0, 1, 0]));
    const client = freshClient(url);
    for (const path of ["/shop/a", "/shop/b", "/more/a", "/more/b"])
      expect(await client.get(path)).toEqual({ status: 200, app: "app2" });
  });

  test("a site in a file that the Caddyfile imports is routed there, and the Caddyfile stays", async () => {
    const { running, url, original, directory, site } = await open();
    const sites = join(directory, "shop.sites");
    const from = original.indexOf(`:${site.port} {`);
    const to = original.indexOf("http://other");
    writeFileSync(sites, original.slice(from, to));
    const main = `${original.slice(0, from)}import ${sites}\n${original.slice(to)}`;
    writeFileSync(running.config, main);
    const { spec } = running;
    const unsaid = caddy.open(settingsOf(site, spec));
    expect(await problemOf(() => unsaid.read())).toMatchObject({
      code: "TRAFFIC_BACKEND_UNKNOWN",
      fix: expect.stringContaining("options: sites"),
    });
    const said = { ...spec, options: { ...spec.options, sites } };
    await caddy.open(settingsOf(site, said)).write(routing([0, 1, 0]));
    expect(await ask(url, 10)).toEqual({ app2: 10 });
    await running.restart();
    expect(await ask(url, 10)).toEqual({ app2: 10 });
    expect(readFileSync(running.config, "utf8")).toBe(main);
  });

  test("a reverse_proxy with a matcher of a name is refused with what to write", async () => {
    const { balancer, config, original } = await open({
      before: ["@api path /api/*"],
      proxy: (to) => [`reverse_proxy @api ${to}`],
    });
    for (const attempt of [() => balancer.notices(), () => balancer.write(routing([1, 0, 0]))])
      expect(await problemOf(attempt)).toMatchObject({
        code: "TRAFFIC_LINES_MISSING",
        evidence: ["handle @MATCHER {", expect.stringContaining("reverse_proxy 127.0.0.11"), "}"],
      });
    expect(config()).toBe(original);
  });

  test("a Caddyfile that Caddy does not accept is told as it is, and stays", async () => {
    const { balancer, running, url } = await open();
    const broken = `${readFileSync(running.config, "utf8")}\n:1 {\n\trespondd\n}\n`;
    writeFileSync(running.config, broken);
    expect(await problemOf(() => balancer.write(routing([1, 0, 0])))).toMatchObject({
      code: "TRAFFIC_CONFIG_REJECTED",
      why: expect.stringContaining("respondd"),
    });
    expect(readFileSync(running.config, "utf8")).toBe(broken);
    expect(Object.keys(await ask(url, 30))).toHaveLength(3);
  });
});
