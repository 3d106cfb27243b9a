import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HealthSpec } from "../../../src/plan/spec.ts";
import { answers, freePort, load, mixedLanes } from "../bare.ts";
import { answerOf, httpHealth, problemOf, spec, supervised, timing, type Supervised } from "./supervised.ts";

let s: Supervised;
beforeAll(async () => {
  s = await supervised();
});
afterAll(async () => {
  await s.end();
});

/** Boots only with GOOD=1; says so in each way that a check can see. */
const talkative = `
  const http = require("node:http");
  const good = process.env.GOOD === "1";
  http.createServer((q, r) => r.end(JSON.stringify({ version: good ? "good" : "bad", pid: process.pid }))).listen(process.env.PORT);
  if (good) process.send("ready");
  const notify = 'use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0); send(S, "READY=1", 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!';
  if (good && process.env.NOTIFY_SOCKET) require("node:child_process").execFileSync("perl", ["-e", notify]);
`;

describe("a check", () => {
  const kinds: readonly (readonly [HealthSpec, string])[] = [
    [httpHealth({ path: "/", body: "good" }), "HEALTH_BODY"],
    [{ kind: "command", command: 'test "$GOOD" = 1', ...timing }, "HEALTH_COMMAND"],
    [{ kind: "message", ...timing }, "NEVER_READY"],
    [{ kind: "notify", ...timing }, "NEVER_READY"],
  ];

  it.each(kinds)("of $kind tells a good version from a bad one", async (health, code) => {
    const port = await freePort();
    const run = [process.execPath, "-e", talkative];
    const at = (GOOD: string) => {
      const base = spec({ cwd: s.directory, run, port, health, bootMs: 1500 });
      return { ...base, env: { ...base.env, GOOD } };
    };
    await s.client.start("shop/web", at("1"));
    const problem = await problemOf(s.client.reload("shop/web", { spec: at("0") }));
    expect(problem.code).toBe(code);
    expect((await answerOf(port)).version).toBe("good");
    await s.client.remove("shop/web");
  });

  it("of tcp needs no HTTP", async () => {
    const port = await freePort();
    const run = [
      process.execPath,
      "-e",
      'require("node:net").createServer((c) => c.end("hi")).listen(process.env.PORT)',
    ];
    const health: HealthSpec = { kind: "tcp", ...timing };
    const { status } = await s.client.start(
      "shop/tcp",
      spec({ name: "tcp", cwd: s.directory, run, port, health }),
    );
    expect(status.instances.map((one) => one.state)).toEqual(["open"]);
    await s.client.remove("shop/tcp");
  });
});

it("no public request reaches an instance before its checks and its warm paths are through", async () => {
  const port = await freePort();
  const log = join(s.directory, "asked.log");
  writeFileSync(log, "");
  const app = `
    const fs = require("node:fs");
    require("node:http").createServer((q, r) => {
      fs.appendFileSync(${JSON.stringify(log)}, process.env.CUTOVER_RELEASE + " " + q.url + "\\n");
      r.end(JSON.stringify({ version: process.env.CUTOVER_RELEASE, pid: process.pid }));
    }).listen(process.env.PORT);`;
  const health = httpHealth({ warm: ["/warm/1", "/warm/2"] });
  const web = spec({ cwd: s.directory, run: [process.execPath, "-e", app], port, health });
  await s.client.start("shop/web", web);
  const prober = await load(port, mixedLanes(50, "/public"));
  await s.client.reload("shop/web");
  expect((await prober.stop()).failures).toEqual([]);
  const { readFileSync } = await import("node:fs");
  const second = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("g2 "));
  const firstPublic = second.indexOf("g2 /public");
  const before = second.slice(0, firstPublic);
  expect(before.slice(0, 2)).toEqual(["g2 /health", "g2 /health"]);
  expect(before.filter((line) => line !== "g2 /health")).toEqual(["g2 /warm/1", "g2 /warm/2"]);
  await s.client.remove("shop/web");
});

it("a fatal line in the startup log is an event, and the first evidence when the start fails", async () => {
  const port = await freePort();
  const stop = new AbortController();
  const findings: string[] = [];
  const events = (async () => {
    for await (const event of s.client.events(stop.signal))
      if (event.event === "finding") findings.push(event.line);
  })().catch(() => undefined);
  const cwd = s.release("dying", { CRASH_AFTER_MS: 300, HEALTH_STATUS: 503 });
  const problem = await problemOf(s.client.start("shop/web", spec({ cwd, port })));
  expect(problem.evidence?.[0]).toBe("fatal in the log: fatal: lost the connection to the database");
  stop.abort();
  await events;
  expect(findings).toEqual(["fatal: lost the connection to the database"]);
});

it("a port that a new version gives up is closed", async () => {
  const [one, other] = [await freePort(), await freePort()];
  const cwd = s.release("v1", {});
  await s.client.start("shop/web", spec({ cwd, port: one }));
  const { status } = await s.client.reload("shop/web", { spec: spec({ cwd, port: other }) });
  expect(status.port).toBe(other);
  expect(await answers(`http://127.0.0.1:${other}/`)).toBe(true);
  expect(await answers(`http://127.0.0.1:${one}/`)).toBe(false);
  await s.client.remove("shop/web");
});

it("a request that outlives the drain deadline is counted", async () => {
  const port = await freePort();
  const cwd = s.release("v1", {});
  const web = spec({ cwd, port, drainMs: 300, stop: { signal: "SIGTERM", timeoutMs: 300 } });
  await s.client.start("shop/web", web);
  const slow = fetch(`http://127.0.0.1:${port}/slow?ms=10000`).catch((error: unknown) => error);
  while ((await inFlight(port)) < 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const reloaded = await s.client.reload("shop/web");
  expect(reloaded).toMatchObject({ stopped: 1, forced: 1, forcedRequests: 1 });
  expect(await slow).toBeInstanceOf(Error);
  await s.client.remove("shop/web");
});

it("a program that only opens a port of its own is put behind the relay", async () => {
  const port = await freePort();
  const app = join(s.directory, "server.py");
  writeFileSync(
    app,
    `import http.server, json, os
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = json.dumps({"version": os.environ["CUTOVER_RELEASE"], "pid": os.getpid()}).encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
`,
  );
  const python = spec({ cwd: s.directory, run: ["python3", app], port });
  await s.client.start("shop/web", python);
  expect((await answerOf(port)).version).toBe("g1");
  const prober = await load(port, mixedLanes(100));
  await s.client.reload("shop/web");
  expect((await prober.stop()).failures).toEqual([]);
  expect((await answerOf(port)).version).toBe("g2");
  await s.client.remove("shop/web");
});

async function inFlight(port: number): Promise<number> {
  // The kernel's own list: the slow request's connection is established and accepted.
  const { readFileSync } = await import("node:fs");
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((table) => readFileSync(table, "utf8")).join("\n");
  return tables.split("\n").filter((line) => line.includes(`:${hex} `) && / 01 /.test(line)).length;
}
