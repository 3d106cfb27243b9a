import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEcosystem, type Ecosystem, type EcosystemAsk } from "../../src/config/ecosystem.ts";
import { isEcosystemFile } from "../../src/config/ecosystem/read.ts";
import { Problem } from "../../src/problem.ts";

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cutover-ecosystem-"));
  writeFileSync(join(root, "app.js"), "");
});

afterAll(() => rmSync(root, { recursive: true }));

const shell = { PATH: process.env["PATH"] ?? "", FROM_SHELL: "yes" };

async function read(name: string, text: string, more: Partial<EcosystemAsk> = {}): Promise<Ecosystem> {
  const file = join(root, name);
  writeFileSync(file, text);
  return readEcosystem({ file, env: shell, only: [], ...more });
}

async function problemOf(promise: Promise<unknown>): Promise<Problem | undefined> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return undefined;
}

test("a config file is told from a script as PM2 does", () => {
  const names = ["ecosystem.config.js", "pm2.config.cjs", "x/ecosystem.config.mjs", "apps.json"];
  expect(names.map(isEcosystemFile)).toEqual([true, true, true, true]);
  expect(["app.js", "config.js.bak", "package.json", "ecosystem.js"].map(isEcosystemFile)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test("an app becomes a service with PM2's meaning of every key", async () => {
  const { services, notes } = await read(
    "ecosystem.config.cjs",
    `module.exports = { apps: [{
      name: "api", script: "app.js", args: "--mode 'very fast'", node_args: "--enable-source-maps", instances: 3,
      exec_mode: "cluster", max_memory_restart: "300M", autorestart: false, cron_restart: "0 3 * * *", wait_ready: true,
      listen_timeout: 9000, kill_timeout: 40000, min_uptime: "3s", max_restarts: 4, exp_backoff_restart_delay: 250,
      watch: ["dist"], env: { PORT: 3100, DEBUG: false, LIST: ["a"] } }] }`,
  );
  expect(notes).toEqual([]);
  expect(services).toHaveLength(1);
  expect(services[0]).toMatchObject({
    app: "api",
    name: "api",
    run: ["node", "--enable-source-maps", "app.js", "--mode", "very fast"],
    cwd: root,
    port: 3100,
    instances: 3,
    memoryBytes: 300 * 1024 ** 2,
    cron: "0 3 * * *",
    watch: ["dist"],
    bootMs: 9000,
    drainMs: 40_000,
    stop: { timeoutMs: 40_000 },
    health: { kind: "message", minUptimeMs: 3000 },
    restart: { auto: false, maxInRow: 4, firstDelayMs: 250 },
    env: { PORT: "3100", DEBUG: "false", LIST: '["a"]', FROM_SHELL: "yes" },
    declared: ["PORT", "DEBUG", "LIST"],
  });
});

test("--env production lies over env", async () => {
  const text = `export default { apps: { name: "api", script: "app.js", env: { A: "1", B: "1" }, env_production: { B: "2" } } }`;
  const { services } = await read("a.config.mjs", text, { environment: "production" });
  expect(services[0]?.env).toMatchObject({ A: "1", B: "2" });
  const { notes } = await read("a.config.mjs", text, { environment: "staging" });
  expect(notes).toEqual(["api has no env_staging."]);
});

test("JSON, a bare list and a single app are read alike", async () => {
  const app = `{ "name": "api", "script": "app.js" }`;
  for (const text of [`{ "apps": [${app}] }`, `[${app}]`, app]) {
    expect((await read("apps.json", text)).services.map(({ name }) => name)).toEqual(["api"]);
  }
});

test("--only takes the named apps and refuses an unknown one", async () => {
  const text = `module.exports = { apps: ["a", "b", "c"].map((name) => ({ name, script: "app.js" })) }`;
  const { services } = await read("three.config.cjs", text, { only: ["a", "c"] });
  expect(services.map(({ name }) => name)).toEqual(["a", "c"]);
  const problem = await problemOf(read("three.config.cjs", text, { only: ["d"] }));
  expect(problem?.detail).toMatchObject({
    code: "ECOSYSTEM_INVALID",
    why: 'It has no app called "d"; it has a, b, c.',
    exit: 2,
  });
});

test("what is not used is named once", async () => {
  const { notes } = await read(
    "notes.config.cjs",
    `module.exports = { apps: [{ name: "api", script: "app.js", out_file: "x", error_file: "y", merge_logs: true, colour: 1,
       increment_var: "PORT", env: { PORT: 3000 } }], deploy: { production: {} } }`,
  );
  expect(notes).toEqual([
    '"colour" of api is not known here and not used.',
    "out_file, error_file, merge_logs are not used: cutover describe api shows where the logs are.",
    "api: increment_var is not needed: all instances share port 3000.",
    'The "deploy" section is not used: cutover deploy reads a cutover.yml, which cutover docs explains.',
  ]);
});

test("the file runs in a process of its own, and its failures are told in one sentence", async () => {
  const thrown = await problemOf(
    read("bad.config.cjs", `process.stdout.write("noise"); throw new Error("no database")`),
  );
  expect(thrown?.detail).toMatchObject({ code: "ECOSYSTEM_INVALID", why: "Error: no database", exit: 2 });
  const exited = await problemOf(read("bad.config.cjs", `process.exit(0)`));
  expect(exited?.detail).toMatchObject({ code: "ECOSYSTEM_INVALID" });
  const syntax = await problemOf(read("bad.config.cjs", `module.exports = {`));
  expect(syntax?.detail.why).toMatch(/^SyntaxError/);
  const wrong = await problemOf(read("bad.json", `{ "apps": [{ "name": "api" }] }`));
  expect(wrong?.detail.why).toBe("An entry of apps of api has no script.");
  const none = await problemOf(readEcosystem({ file: join(root, "none.config.js"), env: shell, only: [] }));
  expect(none?.detail.why).toBe("There is no such file.");
  const noise = await read(
    "noisy.config.cjs",
    `console.log("hello"); module.exports = [{ script: "app.js" }]`,
  );
  expect(noise.services.map(({ name }) => name)).toEqual(["app"]);
});

test("cwd: __dirname in a release is followed through the current link", async () => {
  for (const release of ["v1", "v2"]) {
    mkdirSync(join(root, "releases", release), { recursive: true });
    writeFileSync(join(root, "releases", release, "main.js"), "");
  }
  symlinkSync("releases/v1", join(root, "current"));
  const text = `module.exports = { apps: [{ name: "api", script: require("path").join(__dirname, "main.js"), cwd: __dirname }] }`;
  for (const name of ["current/ecosystem.config.cjs", "releases/v1/ecosystem.config.cjs"]) {
    const { services } = await read(name, text);
    expect(services[0]).toMatchObject({
      cwd: join(root, "current"),
      run: ["node", "main.js"],
    });
  }
  const other = await read("releases/v2/ecosystem.config.cjs", text);
  expect(other.services[0]?.cwd).toBe(join(root, "releases/v2"));
});

test("cwd: __dirname follows any link that the file was named through", async () => {
  mkdirSync(join(root, "versions/a"), { recursive: true });
  writeFileSync(join(root, "versions/a/main.js"), "");
  symlinkSync("versions/a", join(root, "live"));
  const text = `module.exports = [{ script: "main.js", cwd: __dirname }]`;
  const { services } = await read("live/ecosystem.config.cjs", text);
  expect(services[0]?.cwd).toBe(join(root, "live"));
});
