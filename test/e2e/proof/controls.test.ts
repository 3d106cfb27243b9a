import { once } from "node:events";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { maskedBetween, proofOf, type Masked, type Proof } from "../../../src/proof/proof.ts";
import { freePort, load, mixedLanes, startBare, stopBare } from "../bare.ts";
import { fixturesDirectory } from "../fixtures.ts";
import { hasHaproxy, startHaproxy } from "./haproxy.ts";

/** What is done wrong on purpose must not pass for zero downtime. */
const cwd = fixturesDirectory();
const app = [process.execPath, "http.cjs"] as const;

/** The proof of what `change` does to the service on `port`, at 200 requests a second. */
async function prove(
  port: number,
  change: () => Promise<void>,
  counters?: () => Promise<Parameters<typeof maskedBetween>[0]>,
): Promise<Proof> {
  const prober = await load(port, mixedLanes(200), { version: { header: "x-release" } });
  await sleep(500);
  const before = await counters?.();
  prober.begin("deployment");
  await change();
  prober.end();
  await sleep(500);
  const result = await prober.stop();
  const balancer: Masked | null =
    before === undefined || counters === undefined ? null : maskedBetween(before, await counters());
  const url = `http://127.0.0.1:${port}/`;
  return proofOf(result, { deployment: "d-1", url, serves: "v2", isEnded: true, balancer, maxLagMs: 1000 });
}

test("a naive restart is broken, and its requests are counted as refused", async () => {
  const port = await freePort();
  let running = await startBare([...app], { port, cwd, env: { VERSION: "v1" } });
  const proof = await prove(port, async () => {
    await stopBare(running);
    running = await startBare([...app], { port, cwd, env: { VERSION: "v2" } });
  });
  await stopBare(running);
  expect(proof).toMatchObject({
    verdict: "broken",
    before: { failed: 0 },
    after: { failed: 0 },
    oldAnswers: 0,
  });
  expect(proof.during.failedBy.refused).toBeGreaterThan(5);
  expect(proof.reasons[0]).toMatch(/^\d+ of [\d,]+ requests were lost\.$/);
  for (const lane of proof.lanes) expect(lane.longestGapMs).toBeGreaterThan(20);
});

test("an outage of 40 ms shows at 100 requests a second", async () => {
  const start = async (port: number): Promise<http.Server> => {
    const server = http.createServer((_, response) => response.end("ok")).listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const port = await freePort();
  let server = await start(port);
  const prober = await load(port, [
    { kind: "requests", name: "fresh", connection: "fresh", loop: { kind: "open", ratePerSecond: 100 } },
  ]);
  await sleep(300);
  prober.begin("outage");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await sleep(40);
  server = await start(port);
  prober.end();
  await sleep(300);
  const result = await prober.stop();
  server.closeAllConnections();
  server.close();
  const about = { deployment: "d-1", url: "", serves: null, isEnded: true, balancer: null, maxLagMs: 1000 };
  const proof = proofOf(result, about);
  expect(proof).toMatchObject({ verdict: "broken", resolutionMs: 10, oldAnswers: null });
  expect(proof.during.failedBy.refused).toBeGreaterThanOrEqual(3);
  expect(proof.during.longestGapMs).toBeGreaterThanOrEqual(35);
});

describe.skipIf(!hasHaproxy)("one of two servers behind HAProxy, restarted naively", () => {
  test.each([
    ["without retries", false, "broken"],
    ["with retries 3 and redispatch", true, "masked"],
  ])("%s", async (_what, retries, verdict) => {
    const [port, ...servers] = await Promise.all([freePort(), freePort(), freePort()]);
    const start = (at: number) =>
      startBare([...app], { port: servers[at] ?? 0, cwd, env: { VERSION: "v2" } });
    let first = await start(0);
    const second = await start(1);
    const balancer = await startHaproxy({ port, servers, retries });
    const proof = await prove(
      port,
      async () => {
        await stopBare(first);
        await sleep(200);
        first = await start(0);
      },
      () => balancer.counters(),
    );
    await balancer.close();
    await Promise.all([first, second].map((child) => stopBare(child)));
    expect(proof.verdict).toBe(verdict);
    if (retries) {
      expect([proof.during.failed, proof.after.failed]).toEqual([0, 0]);
      expect(proof.balancer?.redispatches).toBeGreaterThan(5);
      expect(proof.reasons[0]).toMatch(/failures that it hid from the clients\.$/);
    } else {
      expect(proof.during.failedBy["5xx"]).toBeGreaterThan(5);
      expect(proof.balancer).toEqual({ retries: 0, redispatches: 0 });
    }
  });
});
