import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadOf } from "../../../src/cli/proof/load.ts";
import { nameTarget, type Target } from "../../../src/cli/proof/target.ts";
import type { BalancerPlace } from "../../../src/cli/proof/ways-behind.ts";
import { type Ways, waysOf } from "../../../src/cli/proof/ways.ts";
import { type Config, loadConfig } from "../../../src/config/load.ts";
import type { ProofConfig } from "../../../src/config/proof.ts";
import type { Frontend } from "../../../src/plan/traffic.ts";

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

interface Circumstances {
  /** Of the live release; the same config where nothing is said. */
  readonly before?: string | undefined;
  readonly balancers?: readonly BalancerPlace[];
}

async function ways(text: string, { before = text, balancers = [] }: Circumstances = {}): Promise<Ways> {
  const live = (await load(before)).spec;
  const config = await load(text);
  return waysOf(config, proofOf(config), { live, next: config.spec }, balancers);
}

function proofOf({ proof }: Config): ProofConfig {
  if (proof === undefined) throw new Error("measuring is on where nothing is said");
  return proof;
}

const namedBy = ({ choices }: Ways): unknown => choices?.map((all) => all.map((way) => way.map(nameTarget)));
/** Of the only service. */
const named = (found: Ways): unknown => {
  expect(found.choices).toHaveLength(1);
  return found.choices?.[0]?.map((way) => way.map(nameTarget));
};

test("on this machine its own port is asked, with what the health check expects", async () => {
  const { choices } = await ways(web);
  const expected = { status: 200, body: "fine" };
  expect(choices).toEqual([[[{ service: "web", url: "http://127.0.0.1:3000/health", expect: expected }]]]);
  expect(named(await ways(web.replace("port", 'host: "::1", port')))).toEqual([["http://[::1]:3000/health"]]);
});

test("of several servers each is asked, and all together as often as one", async () => {
  const text = `${web}\nservers: [deploy@web1, deploy@web2:2222]`;
  const found = await ways(text);
  expect(named(found)).toEqual([["http://web1:3000/health", "http://web2:3000/health"]]);
  const [first, ...others] = found.choices?.flat(2) ?? [];
  const { lanes } = loadOf(proofOf(await load(text)), [first as Target, ...others]);
  const rates = lanes.map((lane) =>
    lane.kind === "requests" && lane.isLong !== true && lane.loop.kind === "open"
      ? lane.loop.ratePerSecond
      : 0,
  );
  expect(rates.reduce((sum, rate) => sum + rate, 0)).toBe(50);
});

test("of several services each is asked at that rate, and one that changes its path is told", async () => {
  const api = (path: string): string =>
    web.replace(/ }$/, `, api: { run: x, port: 4000, health: { path: ${path} } } }`);
  const found = await ways(api("/up"));
  expect(namedBy(found)).toEqual([[["http://127.0.0.1:3000/health"]], [["http://127.0.0.1:4000/up"]]]);
  const [first, ...others] = found.choices?.flat(2) ?? [];
  const { lanes } = loadOf(proofOf(await load(web)), [first as Target, ...others]);
  const often = lanes.filter((lane) => lane.kind === "requests" && lane.isLong !== true);
  expect(often.map(({ name }) => name)).toEqual(["kept web", "fresh web", "kept api", "fresh api"]);
  expect(often).toMatchObject(Array.from({ length: 4 }, () => ({ loop: { ratePerSecond: 25 } })));
  const changed = await ways(api("/up"), { before: api("/health") });
  expect(named(changed)).toEqual([["http://127.0.0.1:3000/health"]]);
  expect(changed).toMatchObject({
    unasked: [{ service: "api", why: "changes its port or its health path" }],
  });
  const added = await ways(api("/up"), { before: web });
  expect(added).toMatchObject({ unasked: [{ service: "api", why: "was not there before" }] });
});

test("proof.url is asked whatever else is said", async () => {
  const text = `${web}\nproof: { url: https://shop.example.com/ }`;
  const before = web.replace("3000", "4000");
  expect(named(await ways(text, { before }))).toEqual([["https://shop.example.com/"]]);
});

test.each([
  ["when the port changes", web.replace("3000", "4000")],
  ["when the path changes", web.replace("/health", "/up")],
])("%s there is nothing to ask, and proof.url would help", async (_what, before) => {
  expect(await ways(web, { before })).toMatchObject({
    choices: null,
    why: "web changes its port or its health path",
    fix: expect.stringContaining("proof.url") as unknown,
  });
});

test("a worker has no clients, and nobody has to do anything about it", async () => {
  expect(await ways("services: { worker: { run: x } }")).toEqual({
    choices: null,
    why: "no service has a port and a health path that could be asked",
  });
});

describe("behind balancers", () => {
  const text = `${web}\nservers: [a, b]\ntraffic: { engine: haproxy, hosts: [lb@lb1, lb2], backends: { web: be_web } }`;

  function balancer(
    name: string,
    frontends: readonly Partial<Frontend>[],
    isHere: boolean = false,
  ): BalancerPlace {
    const whole = frontends.map((one) => ({ service: "web", port: 80, isTls: false, names: [], ...one }));
    return { name, host: `${name}.lan`, isHere, frontends: whole };
  }

  const through = async (...balancers: readonly BalancerPlace[]): Promise<unknown> =>
    named(await ways(text, { balancers }));

  test("all of them are asked together, with what the health check expects", async () => {
    const found = await ways(text, { balancers: [balancer("lb1", [{}]), balancer("lb2", [{}])] });
    const expected = { status: 200, body: "fine" };
    expect(found.choices).toEqual([
      [
        [
          { service: "web", url: "http://lb1.lan/health", expect: expected },
          { service: "web", url: "http://lb2.lan/health", expect: expected },
        ],
      ],
    ]);
  });

  test("names that clients know come first, with TLS before without; then the same names at the balancers", async () => {
    const names = ["shop.example.com", "www.example.com"];
    const both = [{ names }, { names, port: 8443, isTls: true }];
    expect(await through(balancer("lb1", both), balancer("lb2", both))).toEqual([
      ["https://shop.example.com:8443/health"],
      ["https://www.example.com:8443/health"],
      ["http://shop.example.com/health"],
      ["http://www.example.com/health"],
      ["https://shop.example.com:8443/health at lb1.lan", "https://shop.example.com:8443/health at lb2.lan"],
      ["http://shop.example.com/health at lb1.lan", "http://shop.example.com/health at lb2.lan"],
    ]);
  });

  test("an address it is bound to is asked, unless only its own machine can reach it", async () => {
    const at = (address: string): Partial<Frontend> => ({ address, port: 81 });
    expect(await through(balancer("lb1", [at("10.0.0.9"), at("2001:db8::5")]))).toEqual([
      ["http://10.0.0.9:81/health", "http://[2001:db8::5]:81/health"],
    ]);
    expect(await through(balancer("lb1", [at("127.0.0.1"), {}]))).toEqual([["http://lb1.lan/health"]]);
    expect(await through(balancer("lb1", [at("127.0.0.1")], true))).toEqual([["http://127.0.0.1:81/health"]]);
    const local = { names: ["localhost"], port: 80 };
    expect(await through(balancer("lb1", [local]))).toEqual([["http://localhost/health at lb1.lan"]]);
  });

  test("a port of the servers that changes is no matter, a path is", async () => {
    const balancers = [balancer("lb1", [{}])];
    const found = await ways(text, { balancers, before: text.replace("3000", "4000") });
    expect(named(found)).toEqual([["http://lb1.lan/health"]]);
    expect(await ways(text, { balancers, before: text.replace("/health", "/up") })).toMatchObject({
      choices: null,
      why: "web changes its health path",
      fix: expect.stringContaining("proof.url") as unknown,
    });
  });

  test("where nothing is clear, what to say is told", async () => {
    const other = balancer("lb1", [{ service: "other" }]);
    expect(await ways(text, { balancers: [other, balancer("lb2", [])] })).toMatchObject({
      choices: null,
      why: "web cannot be found in the configuration of lb1, lb2",
      fix: expect.stringContaining("proof.url") as unknown,
    });
  });
});
