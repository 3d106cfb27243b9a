import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig, type Config } from "../../src/config/load.ts";
import { isProblem, type ProblemDetail } from "../../src/problem.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-config-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function load(text: string, stage?: string): Promise<Config> {
  await writeFile(join(directory, "cutover.yml"), text);
  return loadConfig({ cwd: directory, stage, env: { HOME: "/home/ann" } });
}

async function problemOf(text: string, stage?: string): Promise<ProblemDetail> {
  try {
    await load(text, stage);
  } catch (error) {
    if (isProblem(error)) {
      return error.detail;
    }
    throw error;
  }
  throw new Error("accepted");
}

const smallest = `
app: shop
services:
  web: { run: npm run start:prod, port: 3000, health: /health }
`;

describe("a valid config", () => {
  test("of three lines is complete", async () => {
    const config = await load(smallest);
    expect(config.spec).toMatchObject({
      app: "shop",
      path: "/home/ann/.cutover/apps/shop",
      bakeMs: 10_000,
      surge: "all",
      release: {
        source: { kind: "directory", path: directory },
        keep: 5,
        build: { run: [], where: "server" },
      },
    });
    expect(config.spec.services[0]).toEqual({
      app: "shop",
      name: "web",
      engine: "builtin",
      run: "npm run start:prod",
      cwd: ".",
      port: 3000,
      instances: 1,
      handover: "auto",
      health: {
        kind: "http",
        path: "/health",
        expect: 200,
        warm: [],
        intervalMs: 500,
        healthyAfter: 2,
        timeoutMs: 2000,
        minUptimeMs: 2000,
      },
      bootMs: 60_000,
      drainMs: 30_000,
      stop: { signal: "SIGTERM", timeoutMs: 10_000 },
      restart: { auto: true, maxInRow: 16, firstDelayMs: 100, maxDelayMs: 15_000 },
      env: {},
      after: [],
      fatal: [],
      logs: { maxBytes: 50 * 1024 ** 2, keep: 5 },
    });
    expect(config.env).toBeUndefined();
  });

  test("in full keeps every value, durations in ms and sizes in bytes", async () => {
    const config = await load(`
app: shop
source: { git: git@example.com:shop.git, branch: live }
path: /srv/shop
shared: { dirs: [storage], files: [robots.txt] }
writable: [storage]
env: { template: .env.template, to: config/.env, vars: { APP_ENV: production, N: 1.10, ON: yes, OFF: false } }
build: { run: [npm ci, npm run build], cache: { node_modules: package-lock.json }, timeout: 20m }
migrate: { run: npx prisma migrate deploy, on: web, timeout: 1h }
services:
  web:
    run: [node, dist/main.js]
    dir: backend
    port: 3000
    instances: 4
    health: { path: /health, expect: 204, body: '"ok"', healthy-after: 3, min-uptime: 5s, warm: [/] }
    memory: 512M
    env: { NODE_ENV: production }
    after: [catalog]
    fatal: ["Unhandled.*"]
    stop: { signal: SIGINT }
    logs: { size: 1G }
  catalog: { run: java -jar catalog.jar, port: 8080, health: tcp, boot: 90s, handover: relay }
  worker: { run: node worker.js, cron: "0 4 * * *" }
  site: { engine: php-fpm, reload: systemctl reload php8.2-fpm, health: none }
traffic: { engine: socket }
rollout: { strategy: recreate, bake: 1m30s, surge: 2 }
hooks: { after-switch: ./bin/clear-cache, timeout: 1m }
assets: { path: public/build, keep: 7d }
notify: { webhook: "\${HOOK}", on: [failure] }
freeze: [{ from: Fri 18:00, to: Mon 08:00, zone: Europe/Berlin }]
keep: 3
x-anything: { is: ours }
`);
    expect(config.rollout.strategy).toBe("recreate");
    expect(config.env).toEqual({
      template: join(directory, ".env.template"),
      to: "config/.env",
      vars: { APP_ENV: "production", N: "1.10", ON: "yes", OFF: "false" },
    });
    expect(config.spec).toMatchObject({
      path: "/srv/shop",
      bakeMs: 90_000,
      surge: 2,
      release: {
        source: { kind: "git", url: "git@example.com:shop.git", ref: "live" },
        envTo: "config/.env",
        assets: { path: "public/build", keepMs: 7 * 86_400_000 },
        build: { timeoutMs: 1_200_000 },
      },
      migrate: { run: "npx prisma migrate deploy", on: "web", timeoutMs: 3_600_000 },
      hooks: { "after-switch": ["./bin/clear-cache"], "before-switch": [], timeoutMs: 60_000 },
    });
    const [web, catalog, worker, site] = config.spec.services;
    expect(web).toMatchObject({
      run: ["node", "dist/main.js"],
      memoryBytes: 512 * 1024 ** 2,
      envFile: "config/.env",
      stop: { signal: "SIGINT", timeoutMs: 10_000 },
      health: {
        kind: "http",
        expect: 204,
        body: '"ok"',
        healthyAfter: 3,
        minUptimeMs: 5000,
        intervalMs: 500,
      },
    });
    expect(catalog).toMatchObject({ health: { kind: "tcp" }, handover: "relay", bootMs: 90_000 });
    expect(worker).toMatchObject({ health: { kind: "none" }, cron: "0 4 * * *" });
    expect(site).toMatchObject({ engine: "php-fpm", run: "", reload: "systemctl reload php8.2-fpm" });
    expect(config.notify).toEqual({ webhook: "$HOOK", on: ["failure"] });
    expect(config.freeze).toHaveLength(1);
  });

  test("instances: max is one for each processor", async () => {
    const config = await load(`${smallest.trimEnd().replace(" }", ", instances: max }")}\n`);
    expect(config.spec.services[0]?.instances).toBeGreaterThan(0);
  });

  test("may share parts by anchors and merge keys", async () => {
    const config = await load(`
app: shop
x-node: &node { instances: 3, health: none }
services:
  a: { <<: *node, run: node a.js, port: 3001 }
  b: { <<: *node, run: node b.js, port: 3002, instances: 5 }
`);
    expect(config.spec.services.map(({ instances }) => instances)).toEqual([3, 5]);
  });
});

describe("a stage", () => {
  const staged = `
app: shop
path: /srv/shop
services:
  web: { run: node a.js, port: 3000, health: /health, env: { MODE: live, V: 1.0 } }
build: { run: [npm ci, npm run build] }
stages:
  staging:
    path: /srv/staging
    services: { web: { port: 3100, memory: 1G, env: { V: 2.0 } } }
    build: { run: [npm ci] }
`;

  test("merges maps and replaces lists", async () => {
    const { spec } = await load(staged, "staging");
    expect(spec).toMatchObject({
      path: "/srv/staging",
      stage: "staging",
      release: { build: { run: ["npm ci"] } },
    });
    expect(spec.services[0]).toMatchObject({ port: 3100, run: "node a.js", env: { MODE: "live", V: "2.0" } });
    expect((await load(staged)).spec.services[0]).toMatchObject({ port: 3000, env: { V: "1.0" } });
  });

  test("removes a key with null", async () => {
    const text = staged.replace("memory: 1G", "env: null, memory: 1G").replace(", env: { V: 2.0 }", "");
    expect((await load(text, "staging")).spec.services[0]?.env).toEqual({});
  });

  test("that does not exist is named with the nearest", async () => {
    expect(await problemOf(staged, "stagin")).toMatchObject({
      code: "CONFIG_STAGE",
      exit: 2,
      fix: "--stage staging",
    });
  });

  test("is checked even when another one is used, and told where it stands", async () => {
    const wrong = staged.replace("port: 3100", "prot: 3100");
    const sentence = "line 10, column 24: services.web.prot is not a known key; did you mean port?";
    expect((await problemOf(wrong, "staging")).what).toContain(sentence);
    expect((await problemOf(wrong)).what).toContain("stages.staging.services.web.prot is not a known key");
  });
});

describe("an invalid config", () => {
  test.each([
    [
      "an unknown key",
      "app: shop\nservces: {}",
      "line 2, column 1: servces is not a known key; did you mean services?",
    ],
    ["no app", "keep: 3", "app is missing (for example app: shop)"],
    ["an empty file", "", "app is missing"],
    ["a list for the whole", "- a", "the config: expected a map"],
    [
      "a bare number for a duration",
      "app: shop\nrollout: { bake: 10 }",
      "expected a duration with its unit, for example 500ms, 30s, 5m or 7d; got the number 10",
    ],
    [
      "text for a number",
      'app: shop\nkeep: "five"',
      'keep: expected a whole number from 1 to 1000; got the text "five"',
    ],
    ["an empty value", "app: shop\nkeep:", "keep: expected a whole number from 1 to 1000; got nothing"],
    [
      "a path out of the release",
      "app: shop\nshared: { dirs: [../etc] }",
      "shared.dirs.0: expected a path inside the release",
    ],
    [
      "a port with no health",
      "app: shop\nservices: { web: { run: x, port: 3000 } }",
      'services.web needs health: a path ("/health"), tcp, message, notify, or none',
    ],
    [
      "no command",
      "app: shop\nservices: { web: { port: 3000, health: none } }",
      "services.web.run is missing",
    ],
    [
      "two ways of health",
      "app: shop\nservices: { web: { run: x, port: 1, health: { path: /, tcp: true } } }",
      "give one of path, tcp, command, message, notify or none; got path and tcp",
    ],
    [
      "an unknown service to wait for",
      "app: shop\nservices: { web: { run: x, after: [db] } }",
      'services.web.after: there is no service "db"',
    ],
    [
      "services in a circle",
      "app: shop\nservices: { a: { run: x, after: [b] }, b: { run: x, after: [a] } }",
      "the services wait for each other in a circle (a after b after a)",
    ],
    [
      "one port twice",
      "app: shop\nservices: { a: { run: x, port: 80, health: none }, b: { run: x, port: 80, health: none } }",
      "services.b.port: 80 is already that of a",
    ],
    [
      "a migration in no service",
      "app: shop\nmigrate: { run: x, on: web }",
      'migrate.on: there is no service "web"',
    ],
    [
      "a broken regular expression",
      'app: shop\nservices: { a: { run: x, fatal: ["("] } }',
      "services.a.fatal.0: expected a regular expression",
    ],
    [
      "an unknown engine",
      "app: shop\nservices: { a: { run: x, engine: docker } }",
      "expected one of builtin, php-fpm, static, systemd",
    ],
    [
      "git and artifact",
      "app: shop\nsource: { git: x, artifact: a.tar.gz }",
      "source: give either git or artifact",
    ],
    ["a name with capitals", "app: Shop", "app: expected a name of lower-case letters, digits and hyphens"],
    ["a prototype's key", "app: shop\nconstructor: 1", "constructor is not a known key"],
  ])("with %s says so", async (_case, text, expected) => {
    const problem = await problemOf(text);
    expect(problem).toMatchObject({ code: "CONFIG_INVALID", exit: 2 });
    expect(problem.what).toContain(expected);
  });

  test("tells all its errors at once, each with its place", async () => {
    const problem = await problemOf(
      "app: shop\nkeep: many\nservices:\n  web:\n    run: x\n    prot: 3000\n    boot: 5\n",
    );
    expect(problem.what).toBe("cutover.yml has 3 errors.");
    expect(problem.evidence).toEqual([
      expect.stringContaining("line 2, column 1: keep: expected"),
      expect.stringContaining("line 6, column 5: services.web.prot is not a known key; did you mean port?"),
      expect.stringContaining("line 7, column 5: services.web.boot: expected a duration"),
    ]);
  });

  test("that is not YAML names line and column", async () => {
    const problem = await problemOf("app: shop\nservices: {\n");
    expect(problem).toMatchObject({ code: "CONFIG_SYNTAX", exit: 2 });
    expect(problem.evidence?.[0]).toMatch(/^line \d+, column \d+: /);
  });

  test("with an alias of nothing is not valid YAML", async () => {
    const problem = await problemOf("app: shop\nservices: *nowhere\n");
    expect(problem).toMatchObject({ code: "CONFIG_SYNTAX", exit: 2 });
    expect(problem.evidence?.join()).toContain("nowhere");
  });

  test("with a key twice is refused", async () => {
    expect((await problemOf("app: shop\napp: shop2")).code).toBe("CONFIG_SYNTAX");
  });

  test("that is missing says what to do", async () => {
    const problem = await loadConfig({ cwd: join(directory, "nowhere"), env: {} }).catch(
      (error: unknown) => error,
    );
    expect(isProblem(problem) && problem.detail).toMatchObject({ code: "CONFIG_MISSING", exit: 2 });
  });
});

describe("what a later version will do", () => {
  test.each([
    ["services: { a: { run: x, engine: systemd } }", "services.a.engine (line 2)"],
    ["migrate: { run: x, policy: expand-only }", "migrate.policy (line 2)"],
  ])("%s is refused, not ignored", async (line, expected) => {
    const problem = await problemOf(`app: shop\n${line}\n`);
    expect(problem).toMatchObject({ code: "NOT_YET", exit: 2 });
    expect(problem.what).toContain(expected);
  });
});
