import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serviceByHand, type ByHand } from "../../src/config/by-hand.ts";
import { environmentOf } from "../../src/config/by-hand/environment.ts";
import { logicalDirectory, throughCurrent } from "../../src/config/by-hand/place.ts";
import { parseInstances, parseMemory, parseMilliseconds } from "../../src/config/by-hand/values.ts";
import { Problem } from "../../src/problem.ts";

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "cutover-by-hand-"));
  for (const name of ["app.js", "app.py", "run.sh", "plain", "my file.js"])
    writeFileSync(join(cwd, name), "");
  writeFileSync(join(cwd, "tool"), "#!/bin/sh\n");
  chmodSync(join(cwd, "tool"), 0o755);
  writeFileSync(join(cwd, "worker"), "#!/usr/bin/env node\n");
  writeFileSync(
    join(cwd, "package.json"),
    JSON.stringify({
      name: "@acme/shop-api",
      scripts: { "start:prod": "next start -p 4100", start: "node app.js" },
    }),
  );
  mkdirSync(join(cwd, "bin"));
  writeFileSync(join(cwd, "bin", "npm"), "");
  chmodSync(join(cwd, "bin", "npm"), 0o755);
});

afterAll(() => rmSync(cwd, { recursive: true }));

const by = (more: Partial<ByHand> & { readonly script: string }): ByHand => ({
  args: [],
  cwd,
  env: { PATH: join(cwd, "bin") },
  ...more,
});

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error.detail.code;
    throw error;
  }
  return "";
};

test("the extension of a script chooses its interpreter", () => {
  expect(serviceByHand(by({ script: "app.js", args: ["--x", "1"] })).run).toEqual([
    "node",
    "app.js",
    "--x",
    "1",
  ]);
  expect(serviceByHand(by({ script: "./app.py" })).run).toEqual(["python3", "app.py"]);
  expect(serviceByHand(by({ script: "run.sh" })).run).toEqual(["bash", "run.sh"]);
  expect(serviceByHand(by({ script: "tool" })).run).toEqual(["./tool"]);
  expect(serviceByHand(by({ script: "worker" })).run).toEqual(["node", "worker"]);
  expect(serviceByHand(by({ script: "my file.js" })).run).toEqual(["node", "my file.js"]);
});

test("an interpreter and its arguments come before the script", () => {
  const spec = serviceByHand(
    by({
      script: "app.js",
      interpreter: "/opt/node20/bin/node",
      interpreterArgs: ["--max-old-space-size=512"],
    }),
  );
  expect(spec.run).toEqual(["/opt/node20/bin/node", "--max-old-space-size=512", "app.js"]);
});

test("a script outside the working directory keeps its absolute path, links included", () => {
  expect(serviceByHand(by({ script: "../app.js", cwd: join(cwd, "bin") })).run).toEqual([
    "node",
    join(cwd, "app.js"),
  ]);
});

test("a program on the PATH runs with what follows the dashes", () => {
  const spec = serviceByHand(by({ script: "npm", args: ["run", "start:prod"], name: "api" }));
  expect(spec.run).toEqual(["npm", "run", "start:prod"]);
  expect(spec).toMatchObject({ app: "api", name: "api", port: 4100, instances: 1 });
});

test("a whole command line stays one, further arguments are quoted", () => {
  expect(serviceByHand(by({ script: "python3 app.py", args: ["it's", "-v"] })).run).toBe(
    `python3 app.py 'it'\\''s' -v`,
  );
});

test("a script that is nowhere, a directory and a file nobody can run are refused", () => {
  expect(codeOf(() => serviceByHand(by({ script: "server.js" })))).toBe("SCRIPT_MISSING");
  expect(codeOf(() => serviceByHand(by({ script: "bin" })))).toBe("SCRIPT_MISSING");
  expect(codeOf(() => serviceByHand(by({ script: "plain" })))).toBe("SCRIPT_NOT_EXECUTABLE");
});

test("the name is the script's without its extension, and the package's for npm", () => {
  expect(serviceByHand(by({ script: "app.js" })).name).toBe("app");
  expect(serviceByHand(by({ script: "npm", args: ["start"] })).name).toBe("shop-api");
  expect(serviceByHand(by({ script: "PORT=1 python3 app.py" })).name).toBe("app");
});

test.each(["all", "12", "a/b", "-x", ".hidden", " ", "a\nb", "API Server"])("%j is no name", (name) => {
  expect(codeOf(() => serviceByHand(by({ script: "app.js", name })))).toBe("NAME_INVALID");
});

test("the port is the flag's, else the environment's, the arguments', the package script's or the env file's", () => {
  const port = (more: Partial<ByHand>): number | undefined =>
    serviceByHand(by({ script: "app.js", ...more })).port;
  const env = { PATH: "", PORT: "4000" };
  expect(port({ port: 3000, env })).toBe(3000);
  expect(port({ env })).toBe(4000);
  expect(port({ args: ["--port", "4001"] })).toBe(4001);
  expect(port({ args: ["--port=4002"] })).toBe(4002);
  expect(port({ args: ["-p", "debug"] })).toBeUndefined();
  expect(port({ script: "PORT=4003 node app.js" })).toBe(4003);
  expect(port({ args: ["-b", "0.0.0.0:4004", "-w", "2"] })).toBe(4004);
  expect(port({ args: ["--bind=[::]:4005"] })).toBe(4005);
  expect(port({ args: ["--bind", "unix:/run/a.sock"] })).toBeUndefined();
  expect(port({ args: ["--server.port=4006"] })).toBe(4006);
  expect(port({ args: ["--debug-port=4007"] })).toBeUndefined();
  expect(port({ script: "python3 -m http.server 4008 --bind 127.0.0.1" })).toBe(4008);
  expect(port({ script: "python3 manage.py runserver 0.0.0.0:4009" })).toBe(4009);
  expect(port({})).toBeUndefined();
  writeFileSync(join(cwd, ".env"), '# the port\nSECRET=1\nexport PORT="4004" # public\n');
  expect(port({})).toBe(4004);
  rmSync(join(cwd, ".env"));
});

test("health is any answer below 500 unless a path, tcp, none or a message is asked for", () => {
  const health = (text?: string): unknown => serviceByHand(by({ script: "app.js", health: text })).health;
  expect(health()).toMatchObject({ kind: "http", path: "/", expect: "any-below-500" });
  expect(health("/health")).toMatchObject({ kind: "http", path: "/health", expect: 200 });
  expect(health("tcp")).toMatchObject({ kind: "tcp" });
  expect(health("message")).toMatchObject({ kind: "message" });
  expect(codeOf(() => health("health"))).toBe("FLAG_INVALID");
});

test("Node programs are told to stop by SIGINT as PM2's users handle it, others by SIGTERM", () => {
  const stop = (script: string, killMs?: number): unknown => serviceByHand(by({ script, killMs })).stop;
  expect(stop("app.js")).toMatchObject({ signal: "SIGINT" });
  expect(stop("app.py")).toMatchObject({ signal: "SIGTERM" });
  expect(stop("app.js", 8000)).toMatchObject({ timeoutMs: 8000 });
  expect(serviceByHand(by({ script: "app.js", killMs: 60_000 })).drainMs).toBe(60_000);
});

test("instances, memory and durations are read as PM2 writes them", () => {
  expect(parseInstances("max")).toBe(availableParallelism());
  expect(parseInstances("3")).toBe(3);
  expect(parseInstances("-100")).toBe(1);
  expect([parseMemory("512M"), parseMemory("1.5G"), parseMemory("300K"), parseMemory("1048576")]).toEqual([
    512 * 1024 ** 2,
    1.5 * 1024 ** 3,
    300 * 1024,
    1024 ** 2,
  ]);
  expect([
    parseMilliseconds("8000", "x"),
    parseMilliseconds("8s", "x"),
    parseMilliseconds("2m", "x"),
  ]).toEqual([8000, 8000, 120_000]);
  for (const wrong of [
    () => parseInstances("many"),
    () => parseMemory("lots"),
    () => parseMilliseconds("soon", "x"),
  ]) {
    expect(codeOf(wrong)).toBe("FLAG_INVALID");
  }
});

test("the environment is the shell's without what describes the shell", () => {
  expect(
    environmentOf({
      PATH: "/bin",
      SHLVL: "1",
      _: "x",
      PWD: "/",
      SSH_TTY: "t",
      TMUX: "1",
      npm_config_registry: "r",
      A: "1",
    }),
  ).toEqual({ A: "1", PATH: "/bin", npm_config_registry: "r" });
  expect(environmentOf({ PATH: "/bin", npm_execpath: "n", npm_config_registry: "r", INIT_CWD: "/" })).toEqual(
    {
      PATH: "/bin",
    },
  );
  expect(environmentOf({ CUTOVER_RUN: "/r", CUTOVER_LISTEN: "{}", CUTOVER_HOME: "/h" })).toEqual({
    CUTOVER_HOME: "/h",
  });
});

test("the working directory keeps the link it was reached through", () => {
  mkdirSync(join(cwd, "site/releases/v1/dist"), { recursive: true });
  mkdirSync(join(cwd, "site/releases/v2"));
  symlinkSync("releases/v1", join(cwd, "site/current"));
  const physical = join(cwd, "site/releases/v1");
  const current = join(cwd, "site/current");
  expect(logicalDirectory(physical, current)).toBe(current);
  expect(logicalDirectory(physical, join(cwd, "site"))).toBe(physical);
  expect(logicalDirectory(physical, undefined)).toBe(physical);

  expect(throughCurrent(join(physical, "dist"))).toMatchObject({ path: join(current, "dist") });
  expect(throughCurrent(join(physical, "dist")).note).toContain("followed through");
  expect(throughCurrent(join(cwd, "site/releases/v2"))).toEqual({ path: join(cwd, "site/releases/v2") });
  expect(throughCurrent(join(cwd, "site"))).toEqual({ path: join(cwd, "site") });
});
