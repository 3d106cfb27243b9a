import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { wantsPortExit } from "../../../src/process/handover/protocol.ts";
import { connect, request } from "./client.ts";
import { openPort, startInstance, until } from "./instance.ts";

const wants = (runDir: string): unknown => JSON.parse(fs.readFileSync(path.join(runDir, "wants"), "utf8"));

test("a listen on an undeclared port is reported before it is bound, when the supervisor wants to learn", async () => {
  const { port } = openPort();
  const app = `require("node:http").createServer().listen(WHERE, () => console.log("bound"));`;
  const asked: Record<string, string | null> = {
    [`${port}`]: null,
    [`{ port: ${port}, host: "127.0.0.1" }`]: "127.0.0.1",
    [`${port}, "::"`]: "::",
  };
  for (const [where, host] of Object.entries(asked)) {
    const instance = startInstance([], { learn: true, files: { "app.cjs": app.replace("WHERE", where) } });
    expect(await instance.exited()).toBe(wantsPortExit);
    expect(wants(instance.runDir)).toEqual({ port, host });
    expect(instance.output()).toBe("");
  }
});

test("a cluster's undeclared port is reported, too, and npm passes the exit code on", async () => {
  const { port } = openPort();
  const app = `
const cluster = require("node:cluster");
if (cluster.isPrimary) cluster.fork();
else require("node:http").createServer().listen(${port});`;
  const scripts = JSON.stringify({ name: "app", scripts: { start: "node app.cjs" } });
  const instance = startInstance([], {
    learn: true,
    run: "npm start",
    files: { "app.cjs": app, "package.json": scripts },
  });
  expect(await instance.exited()).toBe(wantsPortExit);
  expect(wants(instance.runDir)).toMatchObject({ port });
});

test("ports that nobody needs to declare are bound as ever", async () => {
  const app = `
const http = require("node:http");
const done = () => console.log("bound");
http.createServer().listen(0, done);
http.createServer().listen(require("node:path").join(process.env.CUTOVER_RUN, "own.sock"), done);
http.createServer().listen(Number(process.env.FREE), "127.0.0.7", done);
setTimeout(() => process.exit(0), 1000);`;
  const free = String(20_000 + (process.pid % 10_000));
  const instance = startInstance([], { learn: true, env: { FREE: free }, files: { "app.cjs": app } });
  await until(() => instance.output().split("bound").length === 4, "three bound");
  expect(await instance.exited()).toBe(0);
  // Nothing is learned unless the supervisor asks for it.
  const unlearned = startInstance([], {
    env: { FREE: free },
    files: {
      "app.cjs": `require("node:http").createServer().listen(Number(process.env.FREE), "0.0.0.0", () => console.log("bound"));`,
    },
  });
  await unlearned.printed("bound");
});

test('process.send("ready") reaches the supervisor without a channel', async () => {
  const app = `
process.send({ type: "other" });
console.log(process.connected);
process.send("ready", (error) => console.log("sent " + error));
setInterval(() => undefined, 1000);`;
  const instance = startInstance([], { files: { "app.cjs": app } });
  await instance.printed("sent null");
  expect(instance.output()).toContain("true");
  expect(fs.readFileSync(path.join(instance.runDir, "ready"), "utf8")).toBe(String(instance.child.pid));
});

test("a program hears the message shutdown once nothing is left to answer", async () => {
  const port = openPort();
  const app = `
const server = require("node:http").createServer((request, response) => setTimeout(() => response.end("x"), 400));
server.listen(process.env.PORT);
let isAnswered = false;
server.on("request", (request, response) => response.on("finish", () => { isAnswered = true; }));
process.on("message", (message) => { console.log(message + " " + isAnswered); process.exit(0); });`;
  const instance = startInstance([port], {
    gate: "open",
    env: { CUTOVER_SHUTDOWN_MESSAGE: "1" },
    files: { "app.cjs": app },
  });
  await instance.claimed();
  const client = connect(port.port);
  const answer = client.ask(request("/"));
  await until(async () => (await instance.ask({ do: "status" })).inFlight === 1, "in flight");
  await instance.ask({ do: "drain", deadlineMs: 5000 });
  expect((await answer).isLast).toBe(true);
  expect(await instance.exited()).toBe(0);
  expect(instance.output()).toContain("shutdown true");
});
