import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FleetShop, openFleetShop } from "../fleet/fleet-shop.ts";
import { missingForBed } from "../fleet/bed/missing.ts";

const mobile = { "user-agent": "Mozilla/5.0 (iPhone) Mobile" };
const judge = "{ rate: 400, warm-up: 100ms, pre-check: 1s }";
const rollout = `{ strategy: canary, bake: 100ms, canary: { match: { header: User-Agent, regex: Mobile }, steps: [50%, 100%], hold: 100ms, judge: ${judge} } }`;
/** `page`: what people see who ask while nobody answers; Caddy leaves it to the browser. */
const balancers = [
  { balancer: "haproxy", config: "etc/haproxy/haproxy.cfg", page: /503 Service Unavailable/ },
  { balancer: "nginx", config: "etc/nginx/nginx.conf", page: /503 Service Temporarily Unavailable/ },
  { balancer: "caddy", config: "etc/caddy/Caddyfile", page: /^$/ },
] as const;
/** Who may change it, and links that are not in force. */
const apart = ["epoch", "epoch.lock", "counters.json", "routings", "to"];

/** An operator's own configuration, as it is before cutover ever saw it. */
describe.skipIf(missingForBed(["haproxy", "nginx", "caddy"]).length > 0).each(balancers)(
  "a fleet behind an ordinary $balancer",
  ({ balancer, config, page }) => {
    let shop: FleetShop;
    let original = "";
    const text = (): string => readFileSync(join(shop.bed.balancers[0]?.directory ?? "", config), "utf8");
    /** Its processes: a reload starts new ones. */
    const processes = async (): Promise<readonly string[]> => {
      const ran = await shop.bed.balancers[0]?.run(["ps", "-e", "-o", "pid=,comm="]);
      return (ran?.stdout ?? "").split("\n").filter((line) => line.includes(balancer));
    };
    const cutover = async (...words: string[]) => {
      const ran = await shop.program.run(words);
      return { ...ran, said: ran.stdout + ran.stderr };
    };

    beforeAll(async () => {
      shop = await openFleetShop({ hosts: ["h1", "h2"], balancer });
      shop.configure({ name: "canary", servers: "[deploy@h1, deploy@h2]", rollout, balancer });
      await shop.write({ VERSION: "v1" });
      original = text();
    });
    afterAll(() => shop.close());

    /** All that it is configured with, by path; a link by where it leads. */
    const everything = (directory = dirname(config)): Record<string, string> => {
      const root = shop.bed.balancers[0]?.directory ?? "";
      const entries = readdirSync(join(root, directory), { withFileTypes: true });
      const own = entries.filter(({ name }) => !apart.includes(name));
      return Object.assign(
        {},
        ...own.map((entry) => {
          const path = join(directory, entry.name);
          if (entry.isSymbolicLink()) return { [path]: readlinkSync(join(root, path)) };
          return entry.isDirectory() ? everything(path) : { [path]: readFileSync(join(root, path), "utf8") };
        }),
      );
    };
    /** Instances that answer new requests through the balancer. */
    const instances = async (): Promise<number> => {
      const pids = new Set<string>();
      for (let i = 0; i < 16; i += 1) pids.add(/"pid":(\d+)/.exec((await shop.ask("/")).body)?.[1] ?? "none");
      return pids.size;
    };

    test("plan shows the lines that come into it, and changes nothing", async () => {
      const { exit, said } = await cutover("plan");
      expect(exit, said).toBe(0);
      expect(said).toContain(`/${config}`);
      expect(said).toMatch(/^\+ .*cutover/m);
      expect(text()).toBe(original);
    });

    test("the first deploy puts them there in the same command, and says so", async () => {
      const { exit, said } = await cutover("deploy", "--yes");
      expect(exit, said).toBe(0);
      expect(said).toContain(`cutover's lines into /${config}`);
      expect(await shop.versions()).toEqual(["v1", "v1"]);
      expect(await shop.version()).toBe("v1");
    });

    test("the next deploy leaves its configuration as it is, without a reload; the cohort sees the release first, and it is judged", async () => {
      const before = { text: text(), processes: await processes() };
      await shop.write({ VERSION: "v2" });
      const state = { isOver: false };
      const deploying = cutover("deploy", "--yes").finally(() => (state.isOver = true));
      const seen: (readonly [string, string])[] = [];
      while (!state.isOver) seen.push([await shop.version(mobile), await shop.version()]);
      const { exit, said } = await deploying;
      expect(exit, said).toBe(0);
      expect(said).not.toContain("cutover's lines");
      expect(
        said.match(/judge {2}Release \d+ is as good as release \d+\.\n {7}errors {3}new 0 of/g),
      ).toHaveLength(2);
      expect(seen).toContainEqual(["v2", "v1"]);
      expect(await shop.version()).toBe("v2");
      expect({ text: text(), processes: await processes() }).toEqual(before);
    });

    test("maintenance answers everybody with 503, and its end leaves all as it was", async () => {
      const before = everything();
      const on = await cutover("maintenance", "on");
      expect(on.exit, on.said).toBe(0);
      expect(await shop.ask("/")).toMatchObject({ status: 503, body: expect.stringMatching(page) });
      expect(await shop.ask("/", mobile)).toMatchObject({ status: 503 });
      expect(everything()).not.toEqual(before);
      const off = await cutover("maintenance", "off");
      expect(off.exit, off.said).toBe(0);
      expect(await instances()).toBe(2);
      expect(everything()).toEqual(before);
    });

    test("a drain waits for what is under way, and a restore gives the traffic back as it was", async () => {
      const before = everything();
      const slow = startSlow(shop, 12);
      await slow.sent;
      const sentAt = performance.now();
      const drained = await cutover("drain", "h1");
      expect(drained.exit, drained.said).toBe(0);
      expect(performance.now() - sentAt).toBeGreaterThan(slowMs);
      expect(drained.said).toContain("Nothing is under way there any more.");
      expect(await slow.answers).toEqual(Array.from({ length: 12 }, () => 200));
      expect(await instances()).toBe(1);
      const last = await cutover("drain", "h2");
      expect(last, last.said).toMatchObject({ exit: 3, said: expect.stringContaining("LAST_SERVER") });
      expect(await instances()).toBe(1);
      const restored = await cutover("restore", "h1");
      expect(restored.exit, restored.said).toBe(0);
      expect(await instances()).toBe(2);
      expect(everything()).toEqual(before);
    });
  },
);

const slowMs = 3000;

/** Requests that take `slowMs`, all at once; `sent`: the balancer has them all. */
function startSlow(shop: FleetShop, count: number) {
  const program = `
    const { connect } = require("node:net");
    const host = process.argv[1];
    const one = () => {
      const socket = connect(80, host);
      let said = "";
      socket.on("data", (part) => (said += part));
      const sent = new Promise((done) => socket.once("connect", () =>
        socket.write("GET /slow?ms=${slowMs} HTTP/1.1\\r\\nHost: shop\\r\\nConnection: close\\r\\n\\r\\n", done)));
      const status = new Promise((done) => socket.once("close", () => done(Number(said.split(" ")[1]))));
      return { sent, status };
    };
    const all = Array.from({ length: ${count} }, one);
    Promise.all(all.map(({ sent }) => sent)).then(() => console.log("sent"));
    Promise.all(all.map(({ status }) => status)).then((them) => console.log(JSON.stringify(them)));`;
  const argv = [process.execPath, "-e", program, shop.bed.balancers[0]?.address ?? ""];
  const [command, ...words] = shop.bed.operator.inside(argv);
  const lines = createInterface({
    input: spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] }).stdout,
  })[Symbol.asyncIterator]();
  const sent = lines.next();
  const answers = sent
    .then(() => lines.next())
    .then(({ value }): readonly number[] => JSON.parse(String(value)));
  return { sent, answers };
}
