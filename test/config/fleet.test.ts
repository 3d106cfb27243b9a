import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Config, loadConfig } from "../../src/config/load.ts";
import { isProblem, type ProblemDetail } from "../../src/problem.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-fleet-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function load(text: string, stage?: string): Promise<Config> {
  await writeFile(join(directory, "cutover.yml"), `app: shop\n${text}`);
  return await loadConfig({ cwd: directory, stage, env: { HOME: "/home/ann" } });
}

async function problemOf(text: string, stage?: string): Promise<ProblemDetail> {
  const error: unknown = await load(text, stage).then(
    () => new Error("accepted"),
    (cause: unknown) => cause,
  );
  if (isProblem(error)) return error.detail;
  throw error;
}

const services = "services: { web: { run: x, port: 3000, health: /health } }\n";
const balancer = "traffic: { engine: haproxy, hosts: [lb@10.0.0.2], backends: { web: be_web } }\n";
const halves = "servers: { blue: [deploy@b1, deploy@b2], green: [deploy@g1, deploy@g2] }\n";

describe("servers", () => {
  test("none is this machine", async () => {
    expect(await load(services)).toMatchObject({ servers: [], balancers: [], halves: undefined });
  });

  test("are called by their name without user and port", async () => {
    const config = await load(
      `servers:\n  - deploy@web1.example.com\n  - 10.0.0.6:2222\n  - { host: "deploy@[2001:db8::7]:22", address: 10.0.0.7 }\n${services}`,
    );
    expect(config.servers).toEqual([
      { destination: "deploy@web1.example.com", name: "web1.example.com", address: undefined },
      { destination: "10.0.0.6:2222", name: "10.0.0.6", address: undefined },
      { destination: "deploy@[2001:db8::7]:22", name: "2001:db8::7", address: "10.0.0.7" },
    ]);
  });

  test("in halves keep their order and are known by half", async () => {
    const config = await load(`${halves}${services}`);
    expect(config.servers.map(({ name }) => name)).toEqual(["b1", "b2", "g1", "g2"]);
    expect(config.halves).toEqual({ blue: ["b1", "b2"], green: ["g1", "g2"] });
  });

  test("one may be written without its list, as a map too", async () => {
    expect((await load(`servers: deploy@b1\n${services}`)).servers[0]?.name).toBe("b1");
    const mapped = await load(`servers: { host: deploy@b1, address: 10.0.0.1 }\n${services}`);
    expect(mapped.servers).toEqual([{ destination: "deploy@b1", name: "b1", address: "10.0.0.1" }]);
  });

  test("have the home directory of their own user", async () => {
    expect((await load(`servers: [deploy@b1]\n${services}`)).spec.path).toBe("~/.cutover/apps/shop");
    expect((await load(services)).spec.path).toBe("/home/ann/.cutover/apps/shop");
  });

  test.each(["-oProxyCommand=x", "deploy@-x", "a b", "deploy@", "user@host:port"])(
    "%s is no server",
    async (text) => {
      const problem = await problemOf(`servers: ["${text}"]\n${services}`);
      expect(problem.what).toContain("expected user@host or user@host:port");
    },
  );

  test.each([
    ["servers: [a@b1, c@b1:23]", "line 2, column 17: servers: b1 is twice", "Remove one of the two"],
    ["servers: { blue: [b1], green: [b1] }", "servers.green: b1 is already in servers.blue", "Remove one"],
    ["servers: []", "servers names no server", "leave servers out"],
    ["servers: { blue: [], green: [b1] }", "servers.blue names no server", "Name at least one"],
  ])("%s is refused", async (line, what, fix) => {
    const problem = await problemOf(`${line}\n${services}`);
    expect(problem).toMatchObject({ code: "CONFIG_INVALID", exit: 2 });
    expect(problem.what).toContain(what);
    expect(problem.fix).toContain(fix);
  });

  test("a number of instances that only this machine knows is refused", async () => {
    const problem = await problemOf("servers: [b1]\nservices: { w: { run: x, instances: max } }\n");
    expect(problem.what).toContain("line 3, column 26: services.w.instances: max is for this machine only");
  });

  test("a stage has servers of its own, or none", async () => {
    const text = `servers: [b1]\n${services}stages: { staging: { servers: [s1] }, here: { servers: null } }\n`;
    expect((await load(text, "staging")).servers.map(({ name }) => name)).toEqual(["s1"]);
    expect((await load(text, "here")).servers).toEqual([]);
  });
});

describe("traffic", () => {
  test("becomes what the drivers read", async () => {
    const config = await load(
      `servers: [{ host: deploy@b1, address: 10.0.0.5 }, deploy@b2]
services: { web: { run: x, port: 3000, health: tcp }, catalog: { run: y, port: 4000, health: tcp } }
traffic:
  engine: nginx
  hosts: lb@10.0.0.2
  backends: { web: be_web, catalog: none }
  options: { include: /etc/nginx/cutover.conf }
`,
    );
    expect(config.balancers).toEqual(["lb@10.0.0.2"]);
    expect(config.spec.traffic).toEqual({
      engine: "nginx",
      backends: { web: "be_web" },
      addresses: { b1: "10.0.0.5" },
      options: { include: "/etc/nginx/cutover.conf" },
    });
  });

  test("with the socket drives nothing", async () => {
    const config = await load(`${services}traffic: { engine: socket }\n`);
    expect(config.balancers).toEqual([]);
    expect(config.spec.traffic).toBeUndefined();
  });

  const two = `servers: [b1, b2]\n${services}`;
  test.each([
    [
      `${two}traffic: { engine: haproxy, hosts: [lb], backends: { wbe: x, web: y } }`,
      'traffic.backends: there is no service "wbe"',
      "The services are web.",
    ],
    [
      `${two}traffic: { engine: haproxy, hosts: [lb] }`,
      "line 4, column 1: traffic.backends does not say which backend web has",
      "a server that is being emptied",
    ],
    [
      `servers: [b1, b2]\nservices: { w: { run: x } }\ntraffic: { engine: haproxy, hosts: [lb], backends: { w: x } }`,
      "traffic.backends: w has no port",
      "to a port of the server",
    ],
    [
      `${two}traffic: { engine: caddy, backends: { web: x } }`,
      "traffic.hosts is missing: where caddy runs",
      undefined,
    ],
    [
      `${services}traffic: { engine: haproxy, hosts: [lb], backends: { web: x } }`,
      "traffic.engine: haproxy needs servers",
      "deploys to the machine",
    ],
    [`${two}traffic: { hosts: [lb] }`, "traffic.hosts needs an engine", "no balancer is driven"],
    [
      `${two}traffic: { engine: nginx, hosts: [a@lb, b@lb], backends: { web: x } }`,
      "traffic.hosts: lb is twice",
      undefined,
    ],
  ])("%s is refused", async (text, what, why) => {
    const problem = await problemOf(text);
    expect(problem).toMatchObject({ code: "CONFIG_INVALID", exit: 2 });
    expect(problem.what).toContain(what);
    if (why !== undefined) expect(problem.why).toContain(why);
    expect(problem.fix).not.toContain("cutover docs");
  });
});

describe("rollout", () => {
  test("is rolling by a quarter of the servers", async () => {
    expect((await load(services)).rollout).toEqual({
      strategy: "rolling",
      batch: { share: 0.25 },
      capacity: 0.5,
      keepWarmMs: 0,
    });
    expect((await load(`${services}rollout: { batch: 3 }`)).rollout.batch).toEqual({ count: 3 });
    expect((await load(`${services}rollout: { capacity: 75% }`)).rollout.capacity).toBe(0.75);
  });

  test("a canary goes by the usual steps unless it says others", async () => {
    const fleet = `servers: [b1, b2]\n${services}${balancer}`;
    const usual = await load(`${fleet}rollout: { strategy: canary }`);
    expect(usual.rollout.canary).toMatchObject({
      match: undefined,
      steps: [0.05, 0.25, 1],
      holdMs: 300_000,
    });
    const own = await load(
      `${fleet}rollout: { strategy: canary, canary: { match: { header: User-Agent, regex: Mobile }, steps: [1%, 100%], hold: 10s } }`,
    );
    expect(own.rollout.canary).toMatchObject({
      match: { header: "User-Agent", regex: "Mobile" },
      steps: [0.01, 1],
      holdMs: 10_000,
    });
  });

  const usualJudge = {
    errors: true,
    latency: true,
    split: true,
    onHarm: "abort",
    isDryRun: false,
    ratePerSecond: 20,
    withinMs: 600_000,
    paths: [],
    site: undefined,
    warmUpMs: 10_000,
    hostCheckMs: 30_000,
    check: undefined,
  };

  test("the judge of a canary has defaults, and asks what the proof asks", async () => {
    const canary = (judge: string): string =>
      `servers: [b1, b2]\n${services}${balancer}rollout: { strategy: canary, canary: { judge: ${judge} } }\n`;
    expect((await load(canary("true"))).rollout.canary?.judge).toEqual(usualJudge);
    const proof = "proof: { url: 'https://shop.example.com/list?page=2' }\n";
    const asked = (await load(canary("{ on-harm: pause, dry-run: true, latency: false }") + proof)).rollout
      .canary;
    expect(asked?.judge).toMatchObject({
      onHarm: "pause",
      isDryRun: true,
      latency: false,
      paths: ["/list?page=2"],
      site: "shop.example.com",
    });
    expect((await load(canary("{ paths: [/] }") + proof)).rollout.canary?.judge?.paths).toEqual(["/"]);
    expect((await load(canary("false"))).rollout.canary?.judge).toBe(undefined);
  });

  test.each([
    ["a canary", `servers: [b1, b2]\n${services}${balancer}rollout: { strategy: canary }`],
    [
      "one whose steps are short",
      `servers: [b1, b2]\n${services}${balancer}rollout: { strategy: canary, canary: { steps: [20%, 100%], hold: 5s } }`,
    ],
    [
      "a cohort of halves",
      `${halves}${services}${balancer}rollout: { strategy: blue-green, canary: { match: { cookie: beta, regex: . } } }`,
    ],
    [
      "steps of halves",
      `${halves}${services}${balancer}rollout: { strategy: blue-green, canary: { steps: [20%, 100%] } }`,
    ],
  ])("%s is judged where nothing is said, and not with judge: false", async (_what, text) => {
    expect((await load(text)).rollout.canary?.judge).toEqual(usualJudge);
    const off = await load(`${text}\nstages: { s: { rollout: { canary: { judge: false } } } }`, "s");
    expect(off.rollout.canary).not.toHaveProperty("judge");
  });

  const tcp = services.replace("health: /health", "health: tcp");
  test.each([
    ["nothing to watch", `${halves}${services}${balancer}rollout: { strategy: blue-green, canary: {} }`],
    ["no path to ask", `servers: [b1, b2]\n${tcp}${balancer}rollout: { strategy: canary }`],
    [
      "no service behind the balancer",
      `servers: [b1, b2]\n${services}${balancer.replace("web: be_web", "web: none")}rollout: { strategy: canary }`,
    ],
    ["no balancer", `servers: [b1, b2]\n${services}rollout: { strategy: rolling }`],
  ])("with %s there is no judge, and nothing is refused for that", async (_what, text) => {
    expect((await load(text)).rollout.canary?.judge).toBe(undefined);
  });

  test("blue-green switches at once, after its cohort", async () => {
    const config = await load(
      `${halves}${services}${balancer}rollout: { strategy: blue-green, keep-warm: 30m, canary: { match: { cookie: beta, regex: . } } }`,
    );
    expect(config.rollout).toMatchObject({
      strategy: "blue-green",
      keepWarmMs: 1_800_000,
      canary: { match: { cookie: "beta", regex: "." }, steps: [1], holdMs: 300_000 },
    });
  });

  const listed = `servers: [b1, b2]\n${services}${balancer}`;
  test.each([
    [
      `${listed}rollout: { strategy: blue-green }`,
      "line 2, column 1: rollout.strategy: blue-green needs servers in two halves",
    ],
    [
      `servers: { a: [b1], b: [b2], c: [b3] }\n${services}${balancer}rollout: { strategy: blue-green }`,
      "blue-green needs servers in two halves",
    ],
    [`${halves}${services}rollout: { strategy: blue-green }`, "blue-green needs a balancer"],
    [`servers: [b1, b2]\n${services}rollout: { strategy: canary }`, "canary needs a balancer"],
    [
      `servers: [b1]\n${services}${balancer}rollout: { strategy: canary }`,
      "canary needs at least two servers",
    ],
    [
      `${listed}rollout: { canary: { steps: [100%] } }`,
      "rollout.canary has no meaning with strategy: rolling",
    ],
    [`${listed}rollout: { keep-warm: 5m }`, "rollout.keep-warm has no meaning with strategy: rolling"],
    [
      `${listed}rollout: { strategy: canary, canary: { steps: [5%, 50%] } }`,
      "rollout.canary.steps: the last step is not 100%",
    ],
    [
      `${listed}rollout: { strategy: canary, canary: { steps: [25%, 5%, 100%] } }`,
      "rollout.canary.steps: 5% is not more than the step before",
    ],
    [
      `${listed}rollout: { strategy: canary, canary: { match: { header: A, cookie: b, regex: c } } }`,
      "rollout.canary.match: give either header or cookie",
    ],
    [
      `${listed}rollout: { strategy: canary, canary: { hold: 20s, judge: { within: 30s } } }`,
      "rollout.canary.judge.within: 30s is too short for the judge",
    ],
    [
      `servers: [b1, b2]\n${tcp}${balancer}rollout: { strategy: canary, canary: { judge: true } }`,
      "rollout.canary.judge: no service behind the balancer has a path that could be asked",
    ],
    [
      `${halves}${services}${balancer}rollout: { strategy: blue-green, canary: { judge: true } }`,
      "everything goes to the new half at once, so there is nothing to judge",
    ],
    [
      `${listed}rollout: { strategy: canary, canary: { judge: { errors: false, latency: false } } }`,
      "rollout.canary.judge: nothing is left to judge by",
    ],
  ])("%s is refused", async (text, what) => {
    const problem = await problemOf(text);
    expect(problem).toMatchObject({ code: "CONFIG_INVALID", exit: 2 });
    expect(problem.what).toContain(what);
  });

  test("several errors are told together, each with its way out", async () => {
    const problem = await problemOf(
      `${halves}${services}rollout: { strategy: blue-green, keep-warm: 0s, canary: { steps: [50%] } }`,
    );
    expect(problem.evidence).toEqual([
      expect.stringMatching(/^line 4, column 12: .* needs a balancer\. Set traffic\.engine to /),
      expect.stringMatching(/^line 4, .* the last step is not 100%\. Add it: steps: \[50%, 100%\]\.$/),
    ]);
  });
});
