import net from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, load, mixedLanes, until } from "../bare.ts";
import { answerOf, httpApp, httpHealth, problemOf, spec, supervised, type Supervised } from "./supervised.ts";

let s: Supervised;
beforeAll(async () => {
  s = await supervised();
});
afterAll(async () => {
  await s.end();
});

describe("a broken release", () => {
  const faults = [
    {
      fault: "exits at boot",
      settings: { CRASH_AT_BOOT: "1" },
      code: "INSTANCE_EXITED",
      says: /cannot read the configuration/,
    },
    {
      fault: "dies after a while",
      settings: { CRASH_AFTER_MS: 400 },
      code: "INSTANCE_EXITED",
      says: /fatal: lost the connection/,
    },
    { fault: "answers 500", settings: { ALL_STATUS: 500 }, code: "HEALTH_STATUS", says: /GET \/health: 500/ },
    { fault: "flaps", settings: { HEALTH_FLAPS: 2 }, code: "HEALTH_STATUS", says: /GET \/health: 500/ },
    {
      fault: "never listens",
      settings: { NEVER_LISTEN: "1" },
      code: "NEVER_LISTENED",
      says: /nothing listens/,
    },
  ];

  it("tells why it ended, also to who looks before its check has been asked for", async () => {
    const port = await freePort();
    const health = httpHealth({});
    await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port, health }));
    const broken = spec({ cwd: s.release("broken", { CRASH_AT_BOOT: "1" }), port, health });
    await s.client.stage("shop/web", { release: "broken", count: 1, spec: broken });
    const service = async () => await s.client.service("shop/web");
    await until("it has failed", async () =>
      (await service()).instances.some((one) => one.state === "failed"),
    );
    const { lastEnd } = await service();
    expect(lastEnd).toMatchObject({ code: "INSTANCE_EXITED" });
    expect(lastEnd?.evidence?.join("\n")).toMatch(/cannot read the configuration/);
    await s.client.remove("shop/web");
  });

  it.each(faults)(
    "that $fault leaves the old one serving every request",
    async ({ settings, code, says }) => {
      const port = await freePort();
      const health = httpHealth({ minUptimeMs: 800, healthyAfter: 3 });
      const at = (cwd: string) => spec({ cwd, port, instances: 2, health, bootMs: 2000 });
      const started = await s.client.start("shop/web", at(s.release("v1", {})));
      const prober = await load(port, mixedLanes(100));
      const problem = await problemOf(
        s.client.reload("shop/web", { spec: at(s.release("broken", { VERSION: "broken", ...settings })) }),
      );
      const result = await prober.stop();
      expect(problem).toMatchObject({ code, exit: 4, state: "Release g1 still serves with 2 instances." });
      expect(problem.evidence?.join("\n")).toMatch(says);
      expect(result.failures).toEqual([]);
      expect(result.versions.map((span) => span.version)).toEqual(["v1"]);
      const { instances, problem: shown } = await s.client.service("shop/web");
      expect(instances.map((one) => one.pid)).toEqual(started.status.instances.map((one) => one.pid));
      expect(shown).toBeUndefined();
      await s.client.remove("shop/web");
    },
  );

  it("that fails in a later batch brings the old ones back", async () => {
    const port = await freePort();
    const health = httpHealth({ minUptimeMs: 100 });
    const at = (cwd: string, run?: string) =>
      spec({ cwd, port, instances: 5, health, ...(run === undefined ? {} : { run }) });
    await s.client.start("shop/web", at(s.release("v1", {})));
    const prober = await load(port, mixedLanes(100));
    const run = `if [ "$CUTOVER_INSTANCE" = 3 ]; then echo "Error: no room for me"; exit 3; fi; exec ${httpApp.join(" ")}`;
    const problem = await problemOf(s.client.reload("shop/web", { spec: at(s.release("v2", {}), run) }));
    expect((await prober.stop()).failures).toEqual([]);
    expect(problem).toMatchObject({
      code: "INSTANCE_EXITED",
      state: "Release g1 still serves with 5 instances.",
    });
    expect(problem.why).toBe("Error: no room for me");
    const { instances } = await s.client.service("shop/web");
    expect(instances.map((one) => `${one.release} ${one.state} ${one.slot}`).sort()).toEqual(
      [0, 1, 2, 3, 4].map((slot) => `g1 open ${slot}`),
    );
    await s.client.remove("shop/web");
  });

  it("on its first start is not kept, and its port is closed", async () => {
    const port = await freePort();
    const cwd = s.release("broken", { CRASH_AT_BOOT: "1" });
    expect((await problemOf(s.client.start("shop/web", spec({ cwd, port })))).code).toBe("INSTANCE_EXITED");
    expect(await s.client.services()).toEqual([]);
    const server = net.createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
  });
});

it("names the process that holds a port, and changes nothing", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = Object(server.address());
  const problem = await problemOf(s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port })));
  expect(problem).toMatchObject({ code: "PORT_TAKEN", exit: 3 });
  expect(problem.what).toContain(`pid ${process.pid}`);
  expect(await s.client.services()).toEqual([]);
  server.close();
});

it("shows a stranger's directory, a bad spec and a missing one as problems", async () => {
  const missing = spec({ cwd: `${s.directory}/nowhere`, port: await freePort() });
  expect((await problemOf(s.client.start("shop/web", missing))).code).toBe("CWD_MISSING");
  const wrong = { ...missing, instances: -1 };
  expect(await problemOf(s.client.start("shop/web", wrong))).toMatchObject({
    code: "BAD_REQUEST",
    why: "spec.instances is missing or wrong",
  });
  expect((await problemOf(s.client.start("shop/none"))).code).toBe("SERVICE_UNKNOWN");
  expect(await s.client.services()).toEqual([]);
});

it("replaces two services at once, and one service once at a time", async () => {
  const [one, other] = [await freePort(), await freePort()];
  const at = (name: string, port: number, version: string) =>
    spec({ name, port, cwd: s.release(version, {}), health: httpHealth({ minUptimeMs: 700 }) });
  await Promise.all([
    s.client.start("shop/one", at("one", one, "v1")),
    s.client.start("shop/other", at("other", other, "v1")),
  ]);
  const reloads = Promise.all([
    s.client.reload("shop/one", { spec: at("one", one, "v2") }),
    s.client.reload("shop/other", { spec: at("other", other, "v2") }),
  ]);
  const second = await problemOf(s.client.reload("shop/one"));
  expect(second).toMatchObject({ code: "RELOAD_BUSY", exit: 3 });
  await reloads;
  expect((await answerOf(one)).version).toBe("v2");
  expect((await answerOf(other)).version).toBe("v2");
  await Promise.all([s.client.remove("shop/one"), s.client.remove("shop/other")]);
});
