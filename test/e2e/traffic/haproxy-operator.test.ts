import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { isProblem, type ProblemDetail } from "../../../src/problem.ts";
import type { Balancer, BalancerSettings } from "../../../src/traffic/driver.ts";
import { say } from "../../../src/traffic/haproxy/admin.ts";
import { haproxy } from "../../../src/traffic/haproxy/driver.ts";
import { freePort, load, mixedLanes, until } from "../bare.ts";
import { openApps, type Apps } from "../../contract/traffic/apps.ts";
import { even, routing } from "../../contract/traffic/bed.ts";
import { ask, keptClient, tally } from "../../contract/traffic/client.ts";
import { settingsOf } from "../../contract/traffic/subject.ts";
import { asNobody, nobody } from "./as-nobody.ts";
import { findHaproxy, startHaproxy, type HaproxyOptions, type RunningHaproxy } from "./haproxy.ts";

interface Site {
  readonly directory: string;
  readonly apps: Apps;
  readonly port: number;
  readonly url: string;
  readonly running: RunningHaproxy;
  readonly original: string;
  readonly settings: BalancerSettings;
  readonly balancer: Balancer;
  readonly config: () => string;
}

const opened: (() => Promise<void>)[] = [];

async function open(options: HaproxyOptions = {}): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-haproxy-"));
  const apps = await openApps(["app1", "app2", "app3"]);
  const port = await freePort();
  const site = { directory, apps, port };
  const running = await startHaproxy(site, options);
  opened.push(async () => {
    await running.stop();
    await apps.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const settings = settingsOf(site, running.spec);
  return {
    ...site,
    running,
    settings,
    url: `http://127.0.0.1:${port}/`,
    original: readFileSync(running.config, "utf8"),
    balancer: haproxy.open(settings),
    config: () => readFileSync(running.config, "utf8"),
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

function withoutMarked(config: string): string {
  return config.replaceAll(/^ *# cutover: begin be_web\n(?:.*\n)*? *# cutover: end be_web\n/gm, "");
}

function withOptions(site: Site, options: Readonly<Record<string, string>>): Balancer {
  const { spec } = site.running;
  return haproxy.open({ ...site.settings, spec: { ...spec, options: { ...spec.options, ...options } } });
}

describe.skipIf(findHaproxy() === undefined)("haproxy and its operator", () => {
  test("cutover's lines are marked, are added once, and the rest of the file stays byte for byte", async () => {
    const { balancer, running, original, config } = await open();
    await balancer.write(routing([1, 0, 0]));
    expect(config()).not.toBe(original);
    expect(withoutMarked(config())).toBe(original);
    expect(running.loads()).toBe(2);
    const first = config();
    await balancer.write(routing([0, 1, 0], { match: { header: "X", regex: "y" }, servers: ["app3"] }));
    expect(config()).toBe(first);
    expect(running.loads()).toBe(2);
  });

  test("a reload that would cost idle connections is told, and one that would not is not", async () => {
    const codes = async (options: HaproxyOptions): Promise<readonly string[]> =>
      (await (await open(options)).balancer.notices()).map(({ code }) => code);
    expect(await codes({})).toEqual(["TRAFFIC_LINES_ADDED", "TRAFFIC_RELOAD_LOSES"]);
    expect(await codes({ frontend: ["option idle-close-on-response"] })).toEqual(["TRAFFIC_LINES_ADDED"]);
  });

  test("what was set by hand before is kept over the one reload", async () => {
    const { balancer, running, url } = await open();
    await say(running.socket, "set server be_web/app1 weight 0;set server be_web/app2 weight 7");
    expect((await balancer.read()).routing).toEqual(routing([0, 7, 1]));
    expect(await balancer.ask("web", "app1")).toMatchObject({ status: 200 });
    expect(running.loads()).toBe(2);
    expect((await balancer.read()).routing).toEqual(routing([0, 7, 1]));
    expect(await ask(url, 32)).toEqual({ app2: 28, app3: 4 });
  });

  test("a configuration that haproxy would reject is put back, and haproxy goes on", async () => {
    const { balancer, running, url, directory } = await open();
    const broken = `${readFileSync(running.config, "utf8")}\nbackend be_unfinished\n  serve r x\n`;
    writeFileSync(running.config, broken, { mode: 0o640 });
    const problem = await problemOf(() => balancer.write(routing([1, 0, 0])));
    expect(problem).toMatchObject({ code: "TRAFFIC_CONFIG_REJECTED" });
    expect(problem.evidence?.join("\n")).toContain("serve");
    expect(readFileSync(running.config, "utf8")).toBe(broken);
    expect(running.loads()).toBe(1);
    expect(running.configuration()).toEqual({ [running.config]: broken });
    expect(Object.keys(await ask(url, 30))).toHaveLength(3);
    expect(existsSync(join(directory, "cutover", "be_web.state"))).toBe(false);
  });

  test("a reload that fails is told, and the file is put back", async () => {
    const site = await open();
    const balancer = withOptions(site, { reload: "echo no rights >&2; false" });
    const problem = await problemOf(() => balancer.write(routing([1, 0, 0])));
    expect(problem).toMatchObject({ code: "TRAFFIC_RELOAD_FAILED", why: "no rights" });
    expect(site.config()).toBe(site.original);
    expect((await site.balancer.read()).routing).toEqual(even);
  });

  test("clients that stick by cookie leave an emptied server too, and its cookie counts again later", async () => {
    const { balancer, url, running } = await open({
      backend: ["cookie SRV insert indirect nocache"],
      line: (name, at) => `server ${name} ${at} cookie c-${name}`,
    });
    expect(await ask(url, 20, { Cookie: "SRV=c-app1" })).toEqual({ app1: 20 });
    await balancer.write(routing([0, 1, 0]));
    expect(await ask(url, 20, { Cookie: "SRV=c-app1" })).toEqual({ app2: 20 });
    await running.restart();
    expect(await ask(url, 20, { Cookie: "SRV=c-app1" })).toEqual({ app2: 20 });
    const cohort = { match: { header: "X-Team", regex: "red" }, servers: ["app3"] };
    await balancer.write(routing([1, 1, 0], cohort));
    expect(await ask(url, 20, { Cookie: "SRV=c-app1", "X-Team": "red" })).toEqual({ app3: 20 });
    await balancer.write(even);
    expect(await ask(url, 20, { Cookie: "a=b; SRV=c-app1" })).toEqual({ app1: 20 });
  });

  test("a kept connection that prefers its last server leaves it when it is emptied", async () => {
    const { balancer, url } = await open({ backend: ["option prefer-last-server"] });
    await balancer.write(routing([1, 0, 0]));
    const client = keptClient(url);
    expect(await tally(client, 5)).toEqual({ app1: 5 });
    await balancer.write(routing([0, 1, 0]));
    expect(await tally(client, 5)).toEqual({ app2: 5 });
    client.close();
  });

  test("clients that stick by a table are refused before anything is changed", async () => {
    const { balancer, config, original } = await open({
      backend: ["stick-table type ip size 1k expire 1h", "stick on src"],
    });
    expect(await problemOf(() => balancer.write(routing([1, 0, 0])))).toMatchObject({
      code: "TRAFFIC_STICKY",
    });
    expect(config()).toBe(original);
  });

  test("an algorithm without shares switches, and refuses shares with all as it was", async () => {
    const { balancer, url, running } = await open({ backend: ["balance static-rr"] });
    await balancer.write(routing([0, 1, 0]));
    const before = running.configuration();
    expect(await problemOf(() => balancer.write(routing([1, 19, 0])))).toMatchObject({
      code: "TRAFFIC_REFUSED",
    });
    expect(running.configuration()).toEqual(before);
    expect((await balancer.read()).routing).toEqual(routing([0, 1, 0]));
    expect(await ask(url, 12)).toEqual({ app2: 12 });
  });

  test("servers that are disabled, or of weight 0, in the configuration take traffic when it says so, over a crash too", async () => {
    const more: Readonly<Record<string, string>> = { app2: "disabled", app3: "weight 0" };
    const { balancer, url, running } = await open({
      line: (name, at) => `server ${name} ${at} ${more[name] ?? ""}`,
    });
    expect((await balancer.read()).routing).toEqual(routing([1, 0, 0]));
    await balancer.write(routing([0, 1, 1]));
    expect(await ask(url, 20)).toEqual({ app2: 10, app3: 10 });
    await running.crash();
    expect(await ask(url, 20)).toEqual({ app2: 10, app3: 10 });
    expect((await balancer.read()).routing).toEqual(routing([0, 1, 1]));
  });

  test("an edit of a server's port is in force after a restart, once nothing is rolled out", async () => {
    const { balancer, running, apps } = await open();
    await balancer.write(routing([0, 1, 1]));
    await balancer.write(even);
    writeFileSync(
      running.config,
      readFileSync(running.config, "utf8").replace(`127.0.0.11:${apps.port}`, "127.0.0.11:9"),
    );
    await running.restart();
    expect(await say(running.socket, "show servers state be_web")).toMatch(/ app1 127\.0\.0\.11 .* 9 - /);
  });

  test("servers are found by name, by address, by address and port, and told when two fit", async () => {
    const site = await open({ line: (name, at) => `server s-${name} ${at}`, more: ["# end"] });
    const names = async (
      addresses: Readonly<Record<string, string>>,
      servers: BalancerSettings["servers"],
    ) => {
      const spec = { ...site.running.spec, addresses };
      const state = await haproxy.open({ ...site.settings, spec, servers }).read();
      return state.servers.map(({ server }) => server);
    };
    expect(await names({}, { web1: ["web1", "127.0.0.11"], web2: ["s-app2"] })).toEqual(["web1", "web2"]);
    expect(await names({ web1: `127.0.0.13:${site.apps.port}` }, { web1: ["web1"] })).toEqual(["web1"]);
    const problem = await problemOf(() => names({}, { web1: ["web1", "127.0.0.77"] }));
    expect(problem).toMatchObject({ code: "TRAFFIC_SERVER_UNKNOWN" });
    expect(problem.evidence?.join("\n")).toContain("server s-app1 127.0.0.11");
  });

  test("files that differ from what is in force are put right by the next write", async () => {
    const { balancer, running, directory } = await open();
    await balancer.write(routing([0, 1, 0]));
    const before = running.configuration();
    writeFileSync(join(directory, "cutover", "be_web.state"), "1\n# torn");
    await balancer.write(routing([0, 1, 0]));
    expect(running.configuration()).toEqual(before);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "a user without rights is told which, and needs none on the configuration later",
    async () => {
      const { balancer, running, directory, url, config, original } = await open();
      const run = (act: () => Promise<unknown>) => asNobody(directory, act);
      expect(await run(() => problemOf(() => balancer.write(routing([1, 0, 0]))))).toMatchObject({
        code: "TRAFFIC_UNREACHABLE",
        fix: expect.stringContaining("usermod -aG haproxy"),
      });
      chownSync(running.socket, nobody, nobody);
      expect(await run(() => problemOf(() => balancer.write(routing([1, 0, 0]))))).toMatchObject({
        code: "TRAFFIC_FILES",
        fix: expect.stringContaining("sudo install -d -o"),
      });
      mkdirSync(join(directory, "cutover"));
      chownSync(join(directory, "cutover"), nobody, nobody);
      const problem = await run(() => problemOf(() => balancer.write(routing([1, 0, 0]))));
      expect(problem).toMatchObject({ code: "TRAFFIC_LINES_MISSING" });
      expect(config()).toBe(original);
      await balancer.write(even);
      for (const line of (problem as ProblemDetail).evidence?.filter((line) => !line.endsWith(":")) ?? []) {
        expect(config()).toContain(`${line}\n`);
      }
      chownSync(running.socket, nobody, nobody);
      for (const name of Object.keys(running.configuration()))
        if (name !== running.config) chownSync(name, nobody, nobody);
      await run(() => balancer.write(routing([0, 0, 1])));
      expect(await ask(url, 10)).toEqual({ app3: 10 });
    },
  );

  test("a reload by the operator under load loses nothing where idle connections are kept for one more answer", async () => {
    const { balancer, running, port, directory } = await open({
      frontend: ["option idle-close-on-response"],
    });
    await balancer.write(routing([0, 1, 0]));
    const prober = await load(port, mixedLanes(200));
    for (let i = 0; i < 3; i += 1) {
      await delay(200);
      const loads = running.loads();
      process.kill(Number(readFileSync(join(directory, "haproxy.pid"), "utf8")), "SIGUSR2");
      await until("it is loaded", () => running.loads() > loads);
    }
    await delay(300);
    const result = await prober.stop();
    console.log(`haproxy: 3 reloads, ${result.total.sent} requests, ${result.total.failed} lost`);
    expect(result.failures).toEqual([]);
    expect(result.versions.map(({ version }) => version)).toEqual(["app2"]);
  });
});
