import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { findTargets, type Found, type Searched } from "../../../src/cli/proof/search.ts";
import type { BalancerEnd } from "../../../src/fleet/end.ts";
import type { AppSpec } from "../../../src/plan/spec.ts";
import type { Frontend } from "../../../src/plan/traffic.ts";

const health = { kind: "http", path: "/health", expect: 200 };
const services = ["web", "api"].map((name) => ({ name, port: 3000, health }));
const next = { services } as unknown as AppSpec;
const proof = { rate: 50, releaseHeader: "x-cutover-release" };

/** Answers well to whoever asks for one of these names. */
async function serve(...names: readonly string[]): Promise<number> {
  const server = createServer(({ headers }, response) => {
    const [name = ""] = (headers.host ?? "").split(":");
    response.statusCode = names.includes(name) ? 200 : 404;
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Told {
  readonly hostname?: string;
  readonly frontends: () => Promise<readonly Partial<Frontend>[]>;
}

/** Balancers of these names, whose ssh leads to the host of that name. */
async function find(told: Readonly<Record<string, Told>>, url?: string): Promise<Found> {
  const ends = Object.entries(told).map(([name, { hostname = "elsewhere", frontends }]) => ({
    name,
    about: { hostname },
    frontends: async () =>
      (await frontends()).map((one) => ({ service: "web", isTls: false, names: [], ...one })),
  }));
  const backends = { web: "be_web", api: "be_api" };
  const about = {
    config: {
      spec: { traffic: { backends } },
      balancers: ends.map(({ name }) => `root@${name}`),
    },
    balancers: ends as unknown as readonly BalancerEnd[],
    env: { CUTOVER_SSH: "/nonexistent/ssh" },
  } as unknown as Searched;
  return await findTargets(about, { ...proof, url }, { live: null, next });
}

const urls = ({ targets }: Found) =>
  targets?.map(({ url, at }) => (at === undefined ? url : `${url} at ${at}`));

test("what answers at the balancer's own machine is asked", async () => {
  const port = await serve("127.0.0.1");
  const found = await find({ localhost: { frontends: async () => [{ port }] } });
  expect(urls(found)).toEqual([`http://127.0.0.1:${port}/health`]);
  expect(found).toMatchObject({ leftOut: [] });
});

test("a name that does not resolve is asked for at the balancer", async () => {
  const port = await serve("shop.invalid");
  const found = await find({ localhost: { frontends: async () => [{ port, names: ["shop.invalid"] }] } });
  expect(urls(found)).toEqual([`http://shop.invalid:${port}/health at 127.0.0.1`]);
});

test("the first that answers as it should is taken, however many do", async () => {
  const [one, other] = [await serve("127.0.0.1"), await serve("127.0.0.1")];
  const dead = await serve();
  const all = [{ port: dead }, { port: one }, { port: other }];
  expect(urls(await find({ localhost: { frontends: async () => all } }))).toEqual([
    `http://127.0.0.1:${one}/health`,
  ]);
});

test("of several balancers each is asked, and one that is silent is told", async () => {
  const port = await serve("127.0.0.1", "127.0.0.2");
  const frontends = async () => [{ port }];
  const found = await find({ "127.0.0.1": { frontends }, "127.0.0.2": { frontends } });
  expect(found).toMatchObject({ targets: [{ url: `http://127.0.0.1:${port}/health` }] });
  expect(found).toMatchObject({ leftOut: [`http://127.0.0.2:${port}/health`] });
});

test("where nothing answers as it should, it is told what was tried and what to say", async () => {
  const [one, other] = [await serve(), await serve()];
  const frontends = async () => [{ port: one }, { port: other }, { port: 1 }, { port: 2 }];
  expect(await find({ localhost: { frontends } })).toMatchObject({
    targets: null,
    why: expect.stringMatching(
      `^before anything was changed, this did not answer as it should: http://127.0.0.1:${one}/health [(]status 404[)], http://127.0.0.1:${other}/health [(]status 404[)], http://127.0.0.1:1/health [(]refused: .*[)] and 1 more$`,
    ) as unknown,
    fix: expect.stringContaining("proof.url") as unknown,
  });
});

test("of several services one that does not answer is told, and the others are asked", async () => {
  const port = await serve("127.0.0.1");
  const dead = await serve();
  const frontends = async () => [{ port }, { port: dead, service: "api" }];
  const found = await find({ localhost: { frontends } });
  expect(urls(found)).toEqual([`http://127.0.0.1:${port}/health`]);
  expect(found).toMatchObject({
    leftOut: [],
    unasked: [
      { service: "api", why: `does not answer as it should: http://127.0.0.1:${dead}/health (status 404)` },
    ],
  });
});

test("a balancer that fails to tell is none that tells", async () => {
  const found = await find({ lb1: { frontends: () => Promise.reject(new Error("gone")) } });
  expect(found).toMatchObject({
    targets: null,
    why: "web cannot be found in the configuration of lb1, api cannot be found in the configuration of lb1",
  });
});

test("proof.url asks no balancer where it is", async () => {
  const port = await serve("127.0.0.1");
  const url = `http://127.0.0.1:${port}/`;
  const frontends = (): never => {
    throw new Error("asked");
  };
  expect(urls(await find({ localhost: { frontends } }, url))).toEqual([url]);
});
