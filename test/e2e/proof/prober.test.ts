import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Lane } from "../../../src/proof/load.ts";
import { freePort, load, mixedLanes, startBare, stopBare, until } from "../bare.ts";
import { fixturesDirectory } from "../fixtures.ts";

const cwd = fixturesDirectory();
const httpApp = [process.execPath, "http.cjs"] as const;

test("a naive restart is reported as lost requests", async () => {
  const port = await freePort();
  let app = await startBare([...httpApp], { port, cwd, env: { VERSION: "v1" } });
  const prober = await load(port, mixedLanes(200));
  await sleep(500);
  prober.begin("naive restart");
  await stopBare(app);
  app = await startBare([...httpApp], { port, cwd, env: { VERSION: "v2" } });
  prober.end();
  await sleep(500);
  const result = await prober.stop();
  await stopBare(app);
  expect(result.verdict).toBe("lost");
  expect(result.windows[0]?.before.failed).toBe(0);
  expect(result.windows[0]?.during.failedBy.refused).toBeGreaterThan(5);
  expect(result.windows[0]?.during.longestGapMs).toBeGreaterThan(20);
  expect(result.windows[0]?.after.failed).toBe(0);
  expect(result.windows[0]?.versionsAfter).toEqual(["v2"]);
});

test("a prober that had no processor for a while says so, and proves nothing although nothing was lost", async () => {
  const port = await freePort();
  const app = await startBare([...httpApp], { port, cwd });
  const prober = await load(port, mixedLanes(100));
  await sleep(400);
  process.kill(prober.pid, "SIGSTOP");
  await sleep(400);
  process.kill(prober.pid, "SIGCONT");
  await sleep(400);
  const { verdict, total, lag } = await prober.stop();
  await stopBare(app);
  expect([verdict, total.failed]).toEqual(["inconclusive", 0]);
  expect(lag.p99Ms).toBeGreaterThan(200);
  expect(total.maxMs).toBeGreaterThan(200);
});

test("answers that wait to be read when a stopped prober goes on are answers, although their time is over", async () => {
  const port = await freePort();
  const app = await startBare([...httpApp], { port, cwd });
  const prober = await load(port, mixedLanes(200, "/slow?ms=100"), { timeoutMs: 1000 });
  await sleep(400);
  process.kill(prober.pid, "SIGSTOP");
  await sleep(2500);
  process.kill(prober.pid, "SIGCONT");
  await sleep(1500);
  const { verdict, total } = await prober.stop();
  await stopBare(app);
  expect([verdict, total.failed, total.ownFaults]).toEqual(["inconclusive", 0, undefined]);
});

test("a rate beyond what the machine can do ends in time, says how late it was, and proves nothing", async () => {
  const port = await freePort();
  const app = await startBare([...httpApp], { port, cwd });
  const prober = await load(port, mixedLanes(200_000), { timeoutMs: 2000 });
  await sleep(300);
  prober.begin("deployment");
  await sleep(1000);
  prober.end();
  await prober.look();
  const { verdict, windows } = await prober.stop();
  await stopBare(app, "SIGKILL");
  const [window] = windows;
  expect([verdict, window?.during.failed]).toEqual(["inconclusive", 0]);
  expect(window?.lag.p99Ms).toBeGreaterThan(500);
  expect(Math.round(((window?.toMs ?? 0) - (window?.fromMs ?? 0)) / 200)).toBe(5);
});

test("a prober that does not answer is ended in time, and whoever waits for it goes on", async () => {
  const port = await freePort();
  const app = await startBare([...httpApp], { port, cwd });
  const prober = await load(port, mixedLanes(50), { timeoutMs: 500 });
  process.kill(prober.pid, "SIGSTOP");
  await expect(prober.stop()).rejects.toThrow("the prober did not tell what it saw within 4 s");
  await stopBare(app);
  await until("it is gone", () => !existsSync(`/proc/${prober.pid}`) || isZombie(prober.pid));
});

function isZombie(pid: number): boolean {
  return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

const lasting: Lane[] = [
  { kind: "websocket", name: "websocket", path: "/ws", connections: 5, everyMs: 20, asks: "echo" },
  { kind: "websocket", name: "pinged", path: "/ws", connections: 5, everyMs: 20, asks: "ping" },
  {
    kind: "requests",
    name: "slow head",
    connection: "fresh",
    loop: { kind: "closed", workers: 5 },
    headMs: 700,
  },
  { kind: "events", name: "events", path: "/events", connections: 5 },
  {
    kind: "requests",
    name: "slow",
    path: "/slow?ms=700",
    connection: "keep-alive",
    loop: { kind: "closed", workers: 5 },
  },
  {
    kind: "requests",
    name: "stream",
    path: "/stream?ms=700",
    connection: "fresh",
    loop: { kind: "closed", workers: 5 },
    expect: { body: "the end" },
  },
  {
    kind: "requests",
    name: "upload",
    path: "/upload",
    connection: "fresh",
    loop: { kind: "closed", workers: 2 },
    uploadBytes: 20 * 1024 * 1024,
    uploadMs: 700,
    expect: { body: `"bytes":${20 * 1024 * 1024}` },
  },
];

test("what lasts long is answered by an undisturbed server, and every part of it is counted when it is killed", async () => {
  const port = await freePort();
  const app = await startBare([...httpApp], { port, cwd });
  const calm = await load(port, lasting);
  await sleep(2000);
  const undisturbed = await calm.stop();
  expect(undisturbed.total.failed).toBe(0);
  for (const lane of undisturbed.lanes) expect([lane.lane, lane.answered > 3]).toEqual([lane.lane, true]);

  const prober = await load(port, lasting);
  await sleep(500);
  await stopBare(app, "SIGKILL");
  const killed = await prober.stop();
  expect(killed.verdict).toBe("lost");
  for (const lane of killed.lanes) expect([lane.lane, lane.failed > 0]).toEqual([lane.lane, true]);
});
