import { once } from "node:events";
import net from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, load, mixedLanes, until } from "../bare.ts";
import { answerOf, httpHealth, isRunning, spec, supervised, timing, type Supervised } from "./supervised.ts";

let s: Supervised;
beforeAll(async () => {
  s = await supervised();
});
afterAll(async () => {
  await s.end();
});

it("a service that keeps ending is called crash-looping, with its last words, and comes back when it can", async () => {
  const port = await freePort();
  const cwd = s.release("v1", {});
  const restart = { auto: true, maxInRow: 3, firstDelayMs: 20, maxDelayMs: 300 };
  const started = await s.client.start("shop/web", spec({ cwd, port, restart }));
  s.release("v1", { CRASH_AT_BOOT: "1" });
  process.kill(started.status.instances[0]?.pid ?? NaN, "SIGKILL");
  await until(
    "it is crash-looping",
    async () => (await s.client.service("shop/web")).state === "crash-looping",
  );
  const { problem, restarts } = await s.client.service("shop/web");
  expect(problem).toMatchObject({ code: "CRASH_LOOP", state: "cutover goes on starting it, with pauses." });
  expect(problem?.evidence?.join("\n")).toMatch(/cannot read the configuration/);
  expect(restarts).toBeGreaterThanOrEqual(3);
  // Nobody is refused meanwhile: the connection waits in the queue.
  const waiting = answerOf(port);
  s.release("v1", {});
  expect((await waiting).version).toBe("v1");
  await s.client.reload("shop/web");
  const after = await s.client.service("shop/web");
  expect(after.state).toBe("running");
  expect(after.problem).toBeUndefined();
  await s.client.remove("shop/web");
});

it("a service without restarts stays down and says how it ended", async () => {
  const restart = { auto: false, maxInRow: 3, firstDelayMs: 20, maxDelayMs: 300 };
  const run = "echo working; sleep 4; echo done; exit 3";
  const worker = spec({
    name: "once",
    cwd: s.directory,
    run,
    restart,
    health: { kind: "none", ...timing },
  });
  await s.client.start("shop/once", worker);
  await until("it has ended", async () => (await s.client.service("shop/once")).state === "stopped");
  const { problem, instances } = await s.client.service("shop/once");
  expect(instances[0]?.exit).toMatchObject({ code: 3, signal: null });
  expect(problem).toMatchObject({ code: "INSTANCE_EXITED", evidence: ["working", "done"] });
  await s.client.remove("shop/once");
});

it("a program that opens ports nobody declared gets them, and is replaced on them like any other", async () => {
  const [one, other] = [await freePort(), await freePort()];
  const app = join(s.directory, "two-ports.cjs");
  writeFileSync(
    app,
    `const http = require("node:http");
     const serve = (port) => http.createServer((q, r) => r.end(JSON.stringify({ version: process.env.V, pid: process.pid }))).listen(port);
     serve(${one});
     setTimeout(() => serve(${other}), 100);`,
  );
  const at = (V: string) => {
    const { port: _, ...rest } = spec({ cwd: s.directory, run: [process.execPath, app] });
    return { ...rest, env: { ...rest.env, V }, health: httpHealth({ path: "/" }) };
  };
  const started = await s.client.start("shop/web", at("v1"));
  expect(started.status.port).toBe(one);
  await until("the second port answers", () =>
    answerOf(other).then(
      () => true,
      () => false,
    ),
  );
  const prober = await load(one, mixedLanes(100));
  const second = await load(other, mixedLanes(100));
  await s.client.reload("shop/web", { spec: at("v2") });
  expect((await prober.stop()).failures).toEqual([]);
  expect((await second.stop()).failures).toEqual([]);
  expect((await answerOf(one)).version).toBe("v2");
  expect((await answerOf(other)).version).toBe("v2");
  await s.client.remove("shop/web");
});

it("a worker is replaced by one that lives, and its whole process tree ends with it", async () => {
  const run = "sleep 1000 & echo started $CUTOVER_RELEASE; setsid sleep 1001 & wait";
  const worker = spec({ name: "worker", cwd: s.directory, run, health: { kind: "none", ...timing } });
  const started = await s.client.start("shop/worker", worker);
  const [pid = NaN] = started.status.instances.map((one) => one.pid);
  const reloaded = await s.client.reload("shop/worker");
  expect(isRunning(pid)).toBe(false);
  expect(reloaded.status.instances).toHaveLength(1);
  expect(s.log("shop", "worker")).toBe("started g1\nstarted g2\n");
  await s.client.remove("shop/worker");
});

it("removed variables are gone, and a link in the working directory is followed anew", async () => {
  const { symlinkSync, unlinkSync } = await import("node:fs");
  const port = await freePort();
  const link = join(s.directory, "current");
  symlinkSync(s.release("v1", {}), link);
  const base = spec({ cwd: link, port });
  await s.client.start("shop/web", { ...base, env: { ...base.env, GONE: "1", "not-a-name": "x" } });
  unlinkSync(link);
  symlinkSync(s.release("v2", {}), link);
  const { status } = await s.client.reload("shop/web", { spec: base });
  expect(status.instances[0]?.cwd).toBe(join(s.directory, "v2"));
  expect((await answerOf(port)).version).toBe("v2");
  expect(Object.keys(status.spec.env)).not.toContain("GONE");
  await s.client.remove("shop/web");
});

it("an instance above its memory limit is replaced without losing a request", async () => {
  const port = await freePort();
  const cwd = s.release("v1", { LEAK_MB_PER_SECOND: 100 });
  const limited = spec({ cwd, port, memoryBytes: 250 * 1024 * 1024 });
  const started = await s.client.start("shop/web", limited);
  const prober = await load(port, mixedLanes(50));
  await until("another serves", async () => {
    const { instances } = await s.client.service("shop/web");
    return instances.some((one) => one.state === "open" && one.pid !== started.status.instances[0]?.pid);
  });
  expect((await prober.stop()).failures).toEqual([]);
  await s.client.remove("shop/web");
});

it("a program whose other port is taken by a stranger is told so", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = Object(server.address());
  const run = [process.execPath, "-e", `require("node:http").createServer().listen(${port})`];
  const { port: _, ...portless } = spec({
    name: "odd",
    cwd: s.directory,
    run,
    health: { kind: "none", ...timing },
  });
  const call = s.client.start("shop/odd", portless);
  await expect(call).rejects.toMatchObject({ detail: { code: "PORT_TAKEN" } });
  server.close();
});
