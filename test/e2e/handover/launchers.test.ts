import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { connect, request } from "./client.ts";
import { openPort, startInstance, type Instance, type InstanceOptions } from "./instance.ts";

const app = `
require("node:http").createServer((request, response) => response.end(process.env.GREETING ?? "hello"))
  .listen(Number(process.env.PORT), () => console.log("listening"));`;

async function expectServed(options: InstanceOptions, body = "hello"): Promise<Instance> {
  const port = openPort();
  const instance = startInstance([port], options);
  const [pid] = await instance.claimed();
  await instance.ask({ do: "open" }, pid);
  const client = connect(port.port);
  expect((await client.ask(request("/"))).body).toBe(body);
  client.leave();
  return instance;
}

function scripts(entries: Record<string, string>): string {
  return JSON.stringify({ name: "app", private: true, scripts: entries });
}

/** A launcher as most are written: it starts the server and waits. */
function launcher(start: string): string {
  return `const { spawn, spawnSync, execSync, fork } = require("node:child_process"); ${start}`;
}

describe("a server behind a launcher gets the port", () => {
  const starts: Record<string, string> = {
    "spawn, inherited streams": `spawn(process.execPath, ["app.cjs"], { stdio: "inherit" });`,
    "spawn, pipes": `spawn("node", ["app.cjs"]).stdout.pipe(process.stdout);`,
    "spawn, more streams of its own": `spawn("node", ["app.cjs"], { stdio: ["inherit", "inherit", "inherit", "pipe", "ipc"] });`,
    "spawn through a shell": `spawn("node app.cjs", { shell: true, stdio: "inherit" });`,
    fork: `fork("app.cjs");`,
    "fork, fork": `process.argv[2] ? fork("app.cjs") : fork(__filename, ["again"]);`,
    spawnSync: `spawnSync("node", ["app.cjs"], { stdio: "inherit" });`,
    execSync: `execSync("node app.cjs", { stdio: ["ignore", 1, 2] });`,
    "NODE_OPTIONS set for the child": `spawn("node", ["app.cjs"], { stdio: "inherit", env: { ...process.env, NODE_OPTIONS: "--no-warnings" } });`,
    "NODE_OPTIONS set in a shell line": `spawn("NODE_OPTIONS='--no-warnings --trace-uncaught' node app.cjs", { shell: true, stdio: "inherit" });`,
    "import of child_process": `import("node:child_process").then(({ spawn }) => spawn("node", ["app.cjs"], { stdio: "inherit" }));`,
  };
  for (const [way, start] of Object.entries(starts)) {
    test(way, async () => {
      await expectServed({ run: "node start.cjs", files: { "app.cjs": app, "start.cjs": launcher(start) } });
    });
  }

  test("npm run, nested, with NODE_OPTIONS in a script", async () => {
    const packageJson = scripts({ start: "npm run serve", serve: "NODE_OPTIONS=--no-warnings node app.cjs" });
    await expectServed({ run: "npm start", files: { "app.cjs": app, "package.json": packageJson } });
  });

  test("through a symbolic link, as node_modules/.bin holds them", async () => {
    const files = { "app.cjs": app, "start.cjs": `require("./app.cjs");` };
    const run = "sh -c 'mkdir bin && ln -s ../start.cjs bin/start && exec node bin/start'";
    await expectServed({ run, files });
  });

  test("npx", async () => {
    const files = { "app.cjs": app, "package.json": scripts({}) };
    await expectServed({ run: "npx -c 'node app.cjs'", files });
  });

  test("ES modules, an --import and a --require of the user's, source maps", async () => {
    const files = {
      "app.mjs": `import { createServer } from "node:http";
        createServer((request, response) => response.end(globalThis.greeting)).listen(process.env.PORT);`,
      "first.mjs": `globalThis.greeting = globalThis.half + "imported";`,
      "half.cjs": `globalThis.half = "required and ";`,
    };
    const nodeOptions = "--require ./half.cjs --import ./first.mjs --enable-source-maps";
    await expectServed({ run: "node app.mjs", files, nodeOptions }, "required and imported");
  });
});

test("children of a server do not inherit its port", async () => {
  const files = {
    "app.cjs": `
const { spawn, spawnSync } = require("node:child_process");
require("node:http").createServer((request, response) => response.end("hello")).listen(process.env.PORT, () => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  const { stdout } = spawnSync("sh", ["-c", "ls -l /proc/$$/fd; echo $CUTOVER_LISTEN"], { encoding: "utf8" });
  require("node:fs").writeFileSync("child", child.pid + "\\n" + stdout);
});`,
  };
  const instance = await expectServed({ files });
  const [pid, ...rest] = fs.readFileSync(path.join(instance.runDir, "child"), "utf8").split("\n");
  const open = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`));
  expect(open.filter((target) => target.startsWith("socket:"))).toEqual([]);
  const text = rest.join("\n");
  // The pipes of spawnSync are sockets themselves.
  expect(text.match(/socket:/g)?.length).toBe(3);
  expect(text).toMatch(/\{"\d+":\[\]\}/);
});

test("a child that listens for itself meets its own EADDRINUSE", async () => {
  const instance = startInstance([openPort()], {
    files: {
      "app.cjs": app,
      "start.cjs": `require("./app.cjs"); setTimeout(() => require("node:child_process").fork("app.cjs"), 200);`,
    },
    run: "node start.cjs",
  });
  await instance.printed("EADDRINUSE");
});

test("a program without a port is left alone", async () => {
  const instance = startInstance([openPort()], {
    files: { "app.cjs": `console.log(process.env.CUTOVER_RUN.length > 0);` },
  });
  expect(await instance.exited()).toBe(0);
  expect(fs.readdirSync(instance.runDir).sort()).toEqual(["app.cjs", "log"]);
});

test("worker threads are left alone, and a server in one binds for itself", async () => {
  const port = openPort();
  const instance = startInstance([port], {
    files: {
      "app.cjs": `
const { Worker, isMainThread } = require("node:worker_threads");
const http = require("node:http");
if (isMainThread) {
  new Worker(__filename).on("message", (message) => console.log(message));
  http.createServer((request, response) => response.end("main")).listen(process.env.PORT);
} else {
  const { parentPort } = require("node:worker_threads");
  const say = (text) => parentPort.postMessage(text);
  http.createServer().on("error", (error) => say("worker " + error.code)).listen(Number(process.env.PORT));
  const free = http.createServer().listen(0, () => { say("free " + (free.address().port > 0)); free.close(); });
}`,
    },
  });
  await instance.printed("worker EADDRINUSE");
  await instance.printed("free true");
  await instance.ask({ do: "open" });
  const client = connect(port.port);
  expect((await client.ask(request("/"))).body).toBe("main");
  client.leave();
});
