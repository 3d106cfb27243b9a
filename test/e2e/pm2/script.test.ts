import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { load, mixedLanes } from "../bare.ts";
import { cutoverMain, runProgram, type Ran } from "../host.ts";
import { appText, openWorld, quick, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await openWorld();
  world.write("app/package.json", JSON.stringify({ name: "shop", scripts: { "start:prod": "node app.js" } }));
  world.write("app/app.js", appText("1"));
});

afterEach(() => world.close());

/** What thousands of CI jobs run, with pm2 replaced by cutover. */
const script = `
set -e
if cutover list | grep -q "nestjs-app"; then
  cutover reload nestjs-app --update-env
else
  cutover start npm --name "nestjs-app" -- run start:prod
fi
cutover save
`;

function runScript(env: Readonly<Record<string, string>>): Promise<Ran> {
  const cutover = `cutover() { "${process.execPath}" "${cutoverMain}" "$@"; }`;
  return runProgram("bash", ["-c", cutover + script], {
    cwd: join(world.directory, "app"),
    env: { ...process.env, CUTOVER_HOME: world.home, PORT: String(world.port), ...env },
  });
}

test("the script of a PM2 user starts the first time, then reloads without losing a request", async () => {
  expect(await runScript({ GREETING: "hello", OLD: "1" })).toMatchObject({ exit: 0 });
  const first = await world.ask1();
  expect(first).toMatchObject({ version: "1", env: { GREETING: "hello", OLD: "1" } });

  world.write("app/app.js", appText("2"));
  const prober = await load(world.port, mixedLanes(100));
  const second = await runScript({ GREETING: "bye" });
  const proof = await prober.stop();
  expect(second).toMatchObject({ exit: 0 });
  expect(proof.total).toMatchObject({ failed: 0 });
  expect(proof.versions.map(({ version }) => version)).toEqual(["1", "2"]);

  const next = await world.ask1();
  expect(next.pid).not.toBe(first.pid);
  expect(next).toMatchObject({ version: "2", env: { GREETING: "bye" } });
  expect(next.env).not.toHaveProperty("OLD");
  expect(await world.listed()).toHaveLength(1);
});

test("a reload to a version that cannot serve ends with 4, tells why, and the old one serves", async () => {
  expect(await runScript({})).toMatchObject({ exit: 0 });
  const { pid } = await world.ask1();
  const faults = {
    "crash at boot": appText("2", `throw new Error("no database");`),
    "crash after a second and a half": appText(
      "2",
      `setTimeout(() => { throw new Error("too late"); }, 1500);`,
    ),
  };
  for (const [fault, text] of Object.entries(faults)) {
    writeFileSync(join(world.directory, "app/app.js"), text);
    const { exit, stderr } = await world.cutover(["reload", "nestjs-app"]);
    expect.soft(exit, fault).toBe(4);
    expect.soft(stderr, fault).toMatch(/no database|too late/);
    expect.soft(stderr, fault).toContain("still serves");
    expect.soft(await world.ask1(), fault).toMatchObject({ pid, version: "1" });
  }
  expect((await world.listed()).map(({ state, live }) => [state, live])).toEqual([["running", "g1"]]);
});

test("a release that answers 500 takes no traffic, and the answers are told", async () => {
  const cwd = join(world.directory, "app");
  const words = [
    "start",
    "app.js",
    "--name",
    "api",
    "--port",
    String(world.port),
    "--listen-timeout",
    "3s",
    ...quick,
  ];
  await world.expectExit(0, words, { cwd });
  world.write("app/app.js", appText("2").replace("response.end", "response.statusCode = 500; response.end"));
  const { stderr } = await world.expectExit(4, ["reload", "api"]);
  expect(stderr).toContain("500");
  expect(await world.ask1()).toMatchObject({ version: "1" });
});

test("a first start that fails ends with 4 and leaves nothing behind", async () => {
  world.write("app/app.js", appText("1", `throw new Error("no database");`));
  const { exit, stderr } = await world.cutover(["start", "app.js", "--port", String(world.port)], {
    cwd: join(world.directory, "app"),
  });
  expect(exit).toBe(4);
  expect(stderr).toContain("no database");
  expect(await world.listed()).toEqual([]);
  await expect(world.ask1()).rejects.toThrow("fetch failed");
});

test("a name that runs is not started twice, unless by force as a reload", async () => {
  const cwd = join(world.directory, "app");
  const words = ["start", "app.js", "--name", "api", "--port", String(world.port), ...quick];
  await world.expectExit(0, words, { cwd });
  const { pid } = await world.ask1();

  const again = await world.expectExit(2, words, { cwd });
  expect(again.stderr).toContain("cutover reload api");
  expect(await world.ask1()).toMatchObject({ pid });

  await world.expectExit(0, [...words, "--force", "--env", "COLOUR=red", "--", "--fast"], { cwd });
  const forced = await world.ask1();
  expect(forced).toMatchObject({ env: { COLOUR: "red" }, args: ["--fast"] });
  expect(forced.pid).not.toBe(pid);

  await world.expectExit(0, ["reload", "api", "--update-env"], { cwd });
  expect(await world.ask1()).toMatchObject({ env: { COLOUR: "red" }, args: ["--fast"] });
});
