import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cutoverMain, runProgram } from "../host.ts";
import { appText, openWorld, quick, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await openWorld();
  world.write("api.js", appText("1", `console.error("a line on stderr");`));
});

afterEach(() => world.close());

const startApi = (...more: readonly string[]): Promise<unknown> =>
  world.expectExit(0, ["start", "api.js", "--port", String(world.port), ...quick, ...more]);

test("list starts nothing and is empty where nothing was ever started", async () => {
  const home = mkdtempSync(join(tmpdir(), "cutover-empty-"));
  try {
    const env = { ...process.env, CUTOVER_HOME: home };
    const ran = await runProgram(process.execPath, [cutoverMain, "list"], { cwd: home, env });
    expect(ran).toMatchObject({ exit: 0, stdout: "", stderr: "" });
    expect(existsSync(join(home, "supervisor.sock"))).toBe(false);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("list still knows the services while their supervisor is gone, so that a script reloads them", async () => {
  await startApi();
  const { pid } = await world.ask1();
  process.kill((await world.ping()).pid, "SIGKILL");
  await expect.poll(async () => (await world.cutover(["list"])).stdout).toContain("unsupervised");
  await world.expectExit(0, ["reload", "api"]);
  expect((await world.ask1()).pid).not.toBe(pid);
});

test("stop closes the port, start opens it again, delete forgets the service and keeps its log", async () => {
  await startApi("--name", "api");
  await world.expectExit(0, ["stop", "0"]);
  await expect(world.ask1()).rejects.toThrow("fetch failed");
  expect((await world.cutover(["list"])).stdout).toMatch(/api .*stopped/);

  await world.expectExit(0, ["start", "api"]);
  expect(await world.ask1()).toMatchObject({ version: "1" });
  await world.expectExit(0, ["stop", "all"]);
  await world.expectExit(0, ["restart", "api"]);
  expect(await world.ask1()).toMatchObject({ version: "1" });

  await world.expectExit(0, ["delete", "all"]);
  expect(await world.listed()).toEqual([]);
  expect(existsSync(join(world.home, "logs/api/api-0.log"))).toBe(true);
  const unknown = await world.expectExit(2, ["reload", "api"]);
  expect(unknown.stderr).toContain('There is no service "api"');
});

test("scale adds checked instances and ends surplus ones, the others untouched", async () => {
  await startApi();
  const first = await world.ask1();
  await world.expectExit(0, ["scale", "api", "3"]);
  const [three] = await world.listed();
  expect(three?.instances.map(({ state }) => state)).toEqual(["open", "open", "open"]);
  expect(three?.instances[0]?.pid).toBe(first.pid);
  await world.expectExit(0, ["scale", "api", "-2"]);
  const [one] = await world.listed();
  expect(one?.instances.filter(({ state }) => state === "open").map(({ pid }) => pid)).toEqual([first.pid]);
  await world.expectExit(2, ["scale", "api", "-1"]);
});

test("instances that start together share the port that nobody declared", async () => {
  const text = appText("1").replace("env.PORT", String(world.port));
  world.write("fixed.js", text);
  await world.expectExit(0, ["start", "fixed.js", "-i", "3"]);
  const [service] = await world.listed();
  expect(service).toMatchObject({ port: world.port, restarts: 0 });
  expect(service?.instances.map(({ state }) => state)).toEqual(["open", "open", "open"]);
});

test("a server that takes longer to boot than a worker is watched is online with its port", async () => {
  const slow = appText("1").replace("http.createServer", "setTimeout(() => http.createServer");
  world.write("slow.js", slow.replace("env.PORT);", `${String(world.port)}), 1000);`));
  const { stdout } = await world.expectExit(0, ["start", "slow.js", "--min-uptime", "300"]);
  expect(stdout).toContain(`slow: online, 1 instance on port ${String(world.port)}`);
  expect(await world.ask1()).toMatchObject({ version: "1" });
});

test("describe tells the real directory, the log and the names of variables, never their values", async () => {
  await startApi("--env", "API_KEY=very-secret-value");
  const { pid } = await world.ask1();
  const { stdout } = await world.expectExit(0, ["describe", "api"]);
  for (const part of [
    String(pid),
    world.directory,
    "api-0.log",
    "API_KEY",
    "node api.js",
    String(world.port),
  ]) {
    expect(stdout).toContain(part);
  }
  const json = await world.expectExit(0, ["describe", "api", "--json"]);
  expect(stdout + json.stdout).not.toContain("very-secret-value");
  expect((await world.expectExit(0, ["env", "api"])).stdout).toContain("API_KEY=***");
  expect((await world.expectExit(0, ["env", "0", "--reveal"])).stdout).toContain("API_KEY=very-secret-value");
});

test("logs show the last lines of both streams, flush empties them", async () => {
  await startApi();
  const { stdout } = await world.expectExit(0, ["logs", "api", "--lines", "2", "--nostream"]);
  expect(stdout).toBe("api 0 | a line on stderr\napi 0 | version 1 boots\n");
  await world.expectExit(0, ["flush"]);
  expect((await world.expectExit(0, ["logs", "api", "--nostream"])).stdout).toBe("");
});

test("upgrade replaces the supervisor and the instances serve on with their pids", async () => {
  await startApi("-i", "2");
  const pids = async (): Promise<readonly unknown[]> =>
    (await world.listed()).flatMap(({ instances }) => instances.map(({ pid }) => pid));
  const [before, supervisor] = [await pids(), (await world.ping()).pid];
  expect(before).toHaveLength(2);
  await world.expectExit(0, ["upgrade"]);
  expect(await pids()).toEqual(before);
  expect((await world.ping()).pid).not.toBe(supervisor);
});

test("kill ends everything after it was confirmed, resurrect brings it back", async () => {
  await startApi();
  const asked = await world.expectExit(2, ["kill"]);
  expect(asked.stderr).toContain("--yes");
  await world.expectExit(0, ["kill", "--yes"]);
  await expect(world.ask1()).rejects.toThrow("fetch failed");
  await world.expectExit(0, ["resurrect"]);
  await expect
    .poll(() => world.ask1().catch(() => undefined), { timeout: 10_000 })
    .toMatchObject({ version: "1" });
});
