import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadOf, type Targets, targetsOf } from "../../../src/cli/proof/load.ts";
import { type Config, loadConfig } from "../../../src/config/load.ts";
import type { ProofConfig } from "../../../src/config/proof.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-targets-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function load(text: string): Promise<Config> {
  await writeFile(join(directory, "cutover.yml"), `app: shop\n${text}\n`);
  return await loadConfig({ cwd: directory, env: { HOME: "/home/ann" } });
}

const web = "services: { web: { run: x, port: 3000, health: { path: /health, body: fine } } }";

/** Between the release of `before` and that of `text`. */
async function targets(text: string, before: string = text): Promise<Targets> {
  const live = (await load(before)).spec;
  const config = await load(text);
  return targetsOf(config, proofOf(config), { live, next: config.spec });
}

function proofOf({ proof }: Config): ProofConfig {
  if (proof === undefined) throw new Error("measuring is on where nothing is said");
  return proof;
}

const urls = ({ targets: found }: Targets): readonly string[] | undefined => found?.map(({ url }) => url);

test("on this machine its own port is asked, with what the health check expects", async () => {
  const { targets: found } = await targets(web);
  expect(found).toEqual([{ url: "http://127.0.0.1:3000/health", expect: { status: 200, body: "fine" } }]);
  expect(urls(await targets(web.replace("port", 'host: "::1", port')))).toEqual(["http://[::1]:3000/health"]);
});

test("of several servers each is asked, and all together as often as one", async () => {
  const text = `${web}\nservers: [deploy@web1, deploy@web2:2222]`;
  const found = await targets(text);
  expect(urls(found)).toEqual(["http://web1:3000/health", "http://web2:3000/health"]);
  const { lanes } = loadOf(proofOf(await load(text)), found.targets ?? [{ url: "", expect: {} }]);
  const rates = lanes.map((lane) =>
    lane.kind === "requests" && lane.isLong !== true && lane.loop.kind === "open"
      ? lane.loop.ratePerSecond
      : 0,
  );
  expect(rates.reduce((sum, rate) => sum + rate, 0)).toBe(50);
});

test("proof.url is asked whatever else is said", async () => {
  const text = `${web}\nproof: { url: https://shop.example.com/ }`;
  expect(urls(await targets(text, web.replace("3000", "4000")))).toEqual(["https://shop.example.com/"]);
});

test.each([
  [
    "behind a balancer",
    `${web}\nservers: [a, b]\ntraffic: { engine: haproxy, hosts: [lb], backends: { web: be_web } }`,
    undefined,
    /^what clients ask of the balancer is not known$/,
  ],
  ["when the port changes", web, web.replace("3000", "4000"), /^web changes its port or its health path$/],
  ["when the path changes", web, web.replace("/health", "/up"), /^web changes its port or its health path$/],
])("%s there is nothing to ask, and proof.url would help", async (_what, text, before, why) => {
  expect(await targets(text, before)).toMatchObject({
    targets: null,
    why: expect.stringMatching(why) as unknown,
    fix: expect.stringContaining("proof.url") as unknown,
  });
});

test("a worker has no clients, and nobody has to do anything about it", async () => {
  expect(await targets("services: { worker: { run: x } }")).toEqual({
    targets: null,
    why: "no service has a port and a health path that could be asked",
  });
});
