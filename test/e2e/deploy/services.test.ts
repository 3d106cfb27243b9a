import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers, freePort, until } from "../bare.ts";
import { expectExit, openShop, type Shop, underLoad } from "./shop.ts";

type Settings = Readonly<Record<string, string | number>>;

/** Tells what it is and where `current` points, at its start and its end. */
const worker = `
const { appendFileSync, readlinkSync } = require("node:fs");
const { version } = JSON.parse(require("node:fs").readFileSync("worker.json", "utf8"));
const tell = (word) => appendFileSync(process.env.TOLD,
  [word, version, process.env.CUTOVER_RELEASE, readlinkSync(process.env.CURRENT)].join(" ") + "\\n");
if (version === "broken") throw new Error("the queue is not there");
tell("start");
process.on("SIGTERM", () => { tell("stop"); process.exit(0); });
setInterval(() => {}, 1000);
`;

describe("several services are one release", () => {
  let shop: Shop;
  let apiPort: number;
  let told: string;

  beforeAll(async () => {
    shop = await openShop();
    apiPort = await freePort();
    told = join(shop.host.directory, "told");
    mkdirSync(join(shop.project, "api"));
    for (const file of ["http.cjs", "settings.cjs", "websocket.cjs"])
      cpSync(join(shop.project, file), join(shop.project, "api", file));
    writeFileSync(join(shop.project, "worker.cjs"), worker);
    write("v1");
    configure();
  });
  afterAll(() => shop.close());

  function write(version: string, api: Settings = {}, workerVersion: string = version): void {
    shop.write({ VERSION: version });
    writeFileSync(join(shop.project, "api/settings.json"), JSON.stringify({ VERSION: version, ...api }));
    writeFileSync(join(shop.project, "worker.json"), JSON.stringify({ version: workerVersion }));
  }

  const timing = "interval: 50ms, min-uptime: 300ms";
  const others = (): string => `  api:
    run: node http.cjs
    dir: api
    port: ${apiPort}
    after: [web]
    boot: 6s
    health: { path: /health, ${timing} }
  worker:
    run: node worker.cjs
    health: { none: true, min-uptime: 300ms }
    env: { TOLD: "${told}", CURRENT: "${shop.path}/current" }
`;

  function configure(services: string = others(), web = "instances: 1"): void {
    shop.configure(`app: shop
path: ${shop.path}
services:
  web: { run: node http.cjs, port: ${shop.port}, ${web}, boot: 8s, health: { path: /health, ${timing} } }
${services}
rollout: { bake: 300ms }
`);
  }

  async function versionOf(port: number): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    return ((await response.json()) as { readonly version: string }).version;
  }

  const lines = (): readonly string[] => readFileSync(told, "utf8").trim().split("\n");
  const isRefused = async (port: number): Promise<boolean> => !(await answers(`http://127.0.0.1:${port}/`));

  async function expectServing(version: string): Promise<void> {
    expect(await versionOf(shop.port)).toBe(version);
    expect(await versionOf(apiPort)).toBe(version);
    const { instances } = await shop.host.service("shop/worker");
    expect(instances.map(({ release, state }) => ({ release, state }))).toEqual([
      { release: shop.current(), state: "open" },
    ]);
  }

  test("all of them go live, in the order of after:", async () => {
    const ran = await shop.cutover(["deploy", "--json"]);
    expectExit(ran, 0);
    await expectServing("v1");
    const staged = ran.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; effect?: { verb: string; service?: string } })
      .filter(({ event, effect }) => event === "effect" && effect?.verb === "stage")
      .flatMap(({ effect }) => (effect?.service === undefined ? [] : [effect.service]));
    expect(staged).toEqual(["web", "api", "worker"]);
  });

  test("all of them are replaced under load; the worker only once current is the new release", async () => {
    const before = shop.current();
    write("v2");
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 0);
    expect(proof.total.failed).toBe(0);
    const { stdout } = await shop.cutover(["proof"]);
    expect(stdout).toMatch(/- kept web(.|\n)*- kept api/);
    await expectServing("v2");
    const now = String(shop.current());
    await until("the old worker ended", () => lines().length === 3);
    expect(lines()).toEqual([
      `start v1 ${before} releases/${before}`,
      `start v2 ${now} releases/${now}`,
      `stop v1 ${before} releases/${now}`,
    ]);
  });

  test.each([
    ["the last service in order crashes at boot", { CRASH_AT_BOOT: "1" }, "v3"],
    ["a service answers its health check with 500", { HEALTH_STATUS: 500 }, "v3"],
  ])("when %s, none is switched", async (_, api, version) => {
    const before = shop.current();
    const pids = (await shop.host.service("shop/worker")).instances.map(({ pid }) => pid);
    write(version, api);
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 4);
    expect(value.stderr).toContain("api");
    expect(proof.total.failed).toBe(0);
    expect(proof.versions.map((one) => one.version)).toEqual(["v2"]);
    expect(shop.current()).toBe(before);
    await expectServing("v2");
    expect((await shop.host.service("shop/worker")).instances.map(({ pid }) => pid)).toEqual(pids);
  });

  test("a worker that crashes takes the whole release back, and its own old one runs on", async () => {
    write("v4", {}, "broken");
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 4);
    expect(value.stderr).toContain("the queue is not there");
    expect(proof.total.failed).toBe(0);
    await expectServing("v2");
  });

  test("services that are no longer in the file are gone with their ports, and come back by rollback", async () => {
    write("v5");
    configure("", "instances: 2");
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await versionOf(shop.port)).toBe("v5");
    expect((await shop.host.service("shop/web")).instances).toHaveLength(2);
    expect(await isRefused(apiPort)).toBe(true);
    expect((await shop.host.supervisor.services()).map(({ name }) => name)).toEqual(["web"]);

    const back = await shop.cutover(["rollback"]);
    expectExit(back, 0);
    expect(back.stdout).toContain(" Not asked: api.");
    await expectServing("v2");
    expect((await shop.host.service("shop/web")).instances).toHaveLength(1);
  });

  test("services without an order come up at the same time: each waits for the other's start", async () => {
    const wait = (mine: string, other: string): string =>
      `node -e 'const fs=require("fs");fs.writeFileSync("${shop.host.directory}/${mine}","");` +
      `const t=setInterval(()=>{if(!fs.existsSync("${shop.host.directory}/${other}"))return;clearInterval(t);require("./http.cjs")},50)'`;
    shop.configure(`app: shop
path: ${shop.path}
services:
  web: { run: ${JSON.stringify(wait("web-up", "api-up"))}, port: ${shop.port}, boot: 8s, health: { path: /health, ${timing} } }
  api: { run: ${JSON.stringify(wait("api-up", "web-up"))}, dir: api, port: ${apiPort}, boot: 8s, health: { path: /health, ${timing} } }
rollout: { bake: 300ms }
`);
    write("v6");
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await versionOf(shop.port)).toBe("v6");
    expect(await versionOf(apiPort)).toBe("v6");
  });
});

describe("strategy recreate, for programs that cannot run twice", () => {
  let shop: Shop;
  let told: string;
  const single = `
const { appendFileSync, openSync, rmSync } = require("node:fs");
openSync(process.env.ONLY, "wx");
process.on("exit", () => rmSync(process.env.ONLY));
process.on("SIGTERM", () => process.exit(0));
appendFileSync(process.env.TOLD, "start\\n");
require("./http.cjs");
`;

  beforeAll(async () => {
    shop = await openShop();
    told = join(shop.host.directory, "told");
    writeFileSync(join(shop.project, "single.cjs"), single);
    shop.configure(`app: shop
path: ${shop.path}
services:
  web:
    run: node single.cjs
    port: ${shop.port}
    boot: 5s
    health: { path: /health, interval: 50ms, min-uptime: 300ms }
    restart: { auto: false }
    env: { TOLD: "${told}", ONLY: "${shop.host.directory}/only" }
rollout: { strategy: recreate, bake: 300ms }
`);
    expectExit(await shop.cutover(["deploy"]), 0);
  });
  afterAll(() => shop.close());

  test("the old one has ended before the new one starts", async () => {
    shop.write({ VERSION: "v2" });
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe("v2");
    expect(readFileSync(told, "utf8")).toBe("start\nstart\n");
  });

  test("a new one that does not come up is undone: the old one serves again", async () => {
    const before = shop.current();
    shop.write({ VERSION: "broken", HEALTH_STATUS: 500 });
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 4);
    expect(ran.stderr).toContain("500");
    expect(shop.current()).toBe(before);
    expect(await shop.version()).toBe("v2");
    expect((await shop.host.service("shop/web")).instances).toHaveLength(1);
  });
});
