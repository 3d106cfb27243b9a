import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../bare.ts";
import { appText, openWorld, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await openWorld();
  world.write("api.js", appText("1"));
  world.write("other.js", appText("other"));
});

afterEach(() => world.close());

function ecosystem(...apps: readonly Readonly<Record<string, unknown>>[]): void {
  const all = apps.map((app) => ({ min_uptime: 100, ...app }));
  world.write("ecosystem.config.js", `module.exports = ${JSON.stringify({ apps: all })}`);
}

test("a reload of the file applies every changed key, removed variables included", async () => {
  const { port } = world;
  ecosystem({ name: "api", script: "api.js", port, instances: 1, env: { KEPT: "1", GONE: "1" } });
  await world.expectExit(0, ["start", "ecosystem.config.js"], { env: { SHELL_ONLY: "first" } });
  expect(await world.ask1()).toMatchObject({
    version: "1",
    env: { KEPT: "1", GONE: "1", SHELL_ONLY: "first", NODE_APP_INSTANCE: "0" },
  });

  ecosystem({ name: "api", script: "other.js", port, instances: 3, args: "--fast", env: { KEPT: "2" } });
  await world.expectExit(0, ["reload", "ecosystem.config.js"], { env: { SHELL_ONLY: "second" } });
  const answer = await world.ask1();
  expect(answer).toMatchObject({
    version: "other",
    args: ["--fast"],
    env: { KEPT: "2", SHELL_ONLY: "first" },
  });
  expect(answer.env).not.toHaveProperty("GONE");
  const [service] = await world.listed();
  expect(service?.instances.filter(({ state }) => state === "open")).toHaveLength(3);

  await world.expectExit(0, ["reload", "ecosystem.config.js", "--update-env"], {
    env: { SHELL_ONLY: "third" },
  });
  expect(await world.ask1()).toMatchObject({ env: { KEPT: "2", SHELL_ONLY: "third" } });
});

test("two apps reload at once, and one that fails does not hold back the other", async () => {
  const second = await freePort();
  ecosystem(
    { name: "api", script: "api.js", port: world.port },
    { name: "other", script: "other.js", port: second },
  );
  await world.expectExit(0, ["start", "ecosystem.config.js"]);
  const [api, other] = [await world.ask1(), await world.ask1(second)];

  const both = await Promise.all([world.cutover(["reload", "api"]), world.cutover(["reload", "other"])]);
  expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
  const [api2, other2] = [await world.ask1(), await world.ask1(second)];
  expect([api2.pid, other2.pid]).not.toEqual([api.pid, other.pid]);

  world.write("other.js", appText("other", "process.exit(3);"));
  const { stderr } = await world.expectExit(4, ["reload", "all"]);
  expect(stderr).toContain("exited with code 3");
  expect((await world.ask1(second)).pid).toBe(other2.pid);
  expect((await world.ask1()).pid).not.toBe(api2.pid);
});

test("--only, --env and an unknown key behave as told", async () => {
  ecosystem(
    { name: "api", script: "api.js", port: world.port, colour: "red", env_production: { STAGE: "live" } },
    { name: "other", script: "other.js" },
  );
  const words = ["start", "ecosystem.config.js", "--only", "api", "--env", "production"];
  const { stdout } = await world.expectExit(0, words);
  expect(stdout).toContain('"colour" of api is not known here');
  expect(await world.ask1()).toMatchObject({ env: { STAGE: "live" } });
  expect((await world.listed()).map(({ name }) => name)).toEqual(["api"]);
});
