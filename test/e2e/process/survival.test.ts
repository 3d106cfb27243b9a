import { readFileSync, writeFileSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { answers, freePort, load, mixedLanes, until } from "../bare.ts";
import {
  answerOf,
  gone,
  httpHealth,
  killLeftovers,
  processesOf,
  spec,
  supervised,
  type Supervised,
} from "./supervised.ts";

let s: Supervised;
beforeEach(async () => {
  s = await supervised();
});
afterEach(async () => {
  await s.end();
});

it("a killed supervisor costs nothing: the next one adopts the same processes and replaces them", async () => {
  const port = await freePort();
  const at = (name: string) => spec({ cwd: s.release(name, {}), port, instances: 2 });
  const started = await s.client.start("shop/web", at("v1"));
  const prober = await load(port, mixedLanes(200));
  await s.killSupervisor();
  await s.reconnect();
  const { instances } = await s.client.service("shop/web");
  expect(instances.map((one) => [one.pid, one.state])).toEqual(
    started.status.instances.map((one) => [one.pid, "open"]),
  );
  await s.killSupervisor();
  await s.reconnect();
  await s.client.reload("shop/web", { spec: at("v2") });
  const result = await prober.stop();
  expect(result.failures).toEqual([]);
  expect(result.versions.map((span) => span.version)).toEqual(["v1", "v2"]);
});

it("only one supervisor serves a home, however many are started at once", async () => {
  const { pid } = await s.client.ping();
  await s.killSupervisor();
  await Promise.all([s.reconnect(), s.reconnect(), s.reconnect()]);
  const now = await s.client.ping();
  expect(now.pid).not.toBe(pid);
  const daemons = () =>
    processesOf(s.home.home.replace(/\/home$/, "")).filter((one) => isDaemon(one, s.home.home));
  await until("the others have left", () => daemons().length === 1);
  expect(daemons()).toEqual([now.pid]);
});

it("instances that die while no supervisor runs are started again, and the port stays open meanwhile", async () => {
  const port = await freePort();
  const started = await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port, instances: 2 }));
  await s.killSupervisor();
  for (const { pid = 0 } of started.status.instances) {
    process.kill(pid, "SIGKILL");
    await gone(pid);
  }
  // Nobody accepts, yet the connection is queued by the shim's socket and answered once an instance is back.
  const queued = answerOf(port);
  await s.reconnect();
  expect((await queued).version).toBe("v1");
  await until("both are open", async () => (await openPids(s)).length === 2);
});

it("after a reboot everything that should run runs, and what was stopped stays stopped", async () => {
  const [port, other] = [await freePort(), await freePort()];
  await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port, instances: 2 }));
  await s.client.start("shop/off", spec({ name: "off", cwd: s.release("v1", {}), port: other }));
  await s.client.stop("shop/off");
  await s.killSupervisor();
  killLeftovers(s.directory);
  await until("all is dead", () => processesOf(s.directory).length === 0);
  expect(await answers(`http://127.0.0.1:${port}/`)).toBe(false);
  await s.reconnect();
  expect((await answerOf(port)).version).toBe("v1");
  await until("both are open", async () => (await openPids(s)).length === 2);
  expect(await answers(`http://127.0.0.1:${other}/`)).toBe(false);
  expect((await s.client.service("shop/off")).state).toBe("stopped");
});

it("a staged instance that was being checked when the supervisor died can be checked and switched to", async () => {
  const port = await freePort();
  await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port }));
  const slow = spec({ cwd: s.release("v2", { BOOT_MS: 1000 }), port });
  await s.client.stage("shop/web", { release: "r2", count: 1, spec: slow });
  await s.killSupervisor();
  await s.reconnect();
  await s.client.check("shop/web", "r2");
  await s.client.switch("shop/web", { release: "r2", keep: 0 });
  expect((await answerOf(port)).version).toBe("v2");
});

it("an unreadable state file is kept aside, and the running instances are not lost", async () => {
  const port = await freePort();
  const started = await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port }));
  await s.killSupervisor();
  writeFileSync(s.home.state, '{"version":1,"services":[{"rec');
  await s.reconnect();
  const { instances } = await s.client.service("shop/web");
  expect(instances.map((one) => one.pid)).toEqual(started.status.instances.map((one) => one.pid));
  expect(readFileSync(s.home.supervisorLog, "utf8")).toMatch(
    /could not be read: it was kept as .*unreadable/,
  );
  rmSync(s.home.state);
});

it("a killed instance is back at once, and no client hangs", async () => {
  const port = await freePort();
  const health = httpHealth({ minUptimeMs: 0, healthyAfter: 1 });
  await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port, health, instances: 2 }));
  const prober = await load(port, mixedLanes(200), { timeoutMs: 3000 });
  for (let round = 0; round < 5; round += 1) {
    const [pid = NaN] = await openPids(s);
    process.kill(pid, "SIGKILL");
    await until("another took its place", async () => {
      const pids = await openPids(s);
      return pids.length === 2 && !pids.includes(pid);
    });
  }
  const result = await prober.stop();
  // What it had accepted dies with it; nothing else does, and nobody waits for an answer that never comes.
  expect(result.total.failedBy.timeout ?? 0).toBe(0);
  expect(result.total.failedBy.refused ?? 0).toBe(0);
  expect((await s.client.service("shop/web")).restarts).toBe(5);
});

it("a killed shim takes nothing down: the instances lend their port to the next one", async () => {
  const port = await freePort();
  const at = (name: string) => spec({ cwd: s.release(name, {}), port, instances: 2 });
  await s.client.start("shop/web", at("v1"));
  const prober = await load(port, mixedLanes(200));
  for (const version of ["v2", "v3"]) {
    const [shim] = processesOf(s.directory).filter((pid) => command(pid).includes("shim.sh"));
    if (shim === undefined) throw new Error("there is no shim");
    process.kill(shim, "SIGKILL");
    await gone(shim);
    await s.client.reload("shop/web", { spec: at(version) });
    expect((await answerOf(port)).version).toBe(version);
  }
  expect((await prober.stop()).total.failed).toBe(0);
});

it("an instance that was being started again when the supervisor died takes traffic under the next one", async () => {
  const port = await freePort();
  const cwd = s.release("v1", {});
  const started = await s.client.start("shop/web", spec({ cwd, port }));
  s.release("v1", { BOOT_MS: 1000 });
  const [before = NaN] = started.status.instances.map((one) => one.pid);
  process.kill(before, "SIGKILL");
  await until("another was launched", async () => {
    const { instances } = await s.client.service("shop/web");
    return instances.some((one) => one.state === "starting" && one.pid !== undefined);
  });
  const waiting = answerOf(port);
  await s.killSupervisor();
  await s.reconnect();
  expect((await waiting).version).toBe("v1");
  expect(await openPids(s)).toHaveLength(1);
});

async function openPids(s: Supervised): Promise<readonly number[]> {
  const { instances } = await s.client.service("shop/web");
  return instances.flatMap((one) => (one.state === "open" && one.pid !== undefined ? [one.pid] : []));
}

function command(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1");
}

function isDaemon(pid: number, home: string): boolean {
  return (
    command(pid).includes("supervisor/main.js") &&
    readFileSync(`/proc/${pid}/environ`, "latin1").includes(`CUTOVER_HOME=${home}\0`)
  );
}
