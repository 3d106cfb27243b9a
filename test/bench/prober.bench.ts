import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort, load, mixedLanes, startBare, stopBare } from "../e2e/bare.ts";
import { fixturesDirectory } from "../e2e/fixtures.ts";
import { cpuSeconds } from "./process-figures.ts";
import { markdownTable, report } from "./record.ts";

const seconds = 20;
test("prober: its own lag and share of a core", async () => {
  const rows = [
    ["requests a second", "sent", "lost", "p50, ms", "p99, ms", "own lag p99, ms", "share of a core"],
  ];
  const lags: number[] = [];
  for (const rate of [100, 1000]) {
    const port = await freePort();
    const app = await startBare([process.execPath, "hello.cjs"], { port, cwd: fixturesDirectory() });
    const prober = await load(port, mixedLanes(rate), { version: undefined });
    const before = cpuSeconds([prober.pid]);
    await sleep(seconds * 1000);
    const share = (cpuSeconds([prober.pid]) - before) / seconds;
    const { total, lag } = await prober.stop();
    await stopBare(app);
    lags.push(lag.p99Ms);
    rows.push([
      String(rate),
      String(total.sent),
      String(total.failed),
      (total.p50Ms ?? 0).toFixed(2),
      (total.p99Ms ?? 0).toFixed(1),
      lag.p99Ms.toFixed(2),
      `${(share * 100).toFixed(0)} %`,
    ]);
    expect(total.failed).toBe(0);
  }
  const how = `A bare node:http server on the same machine, ${seconds} s, half of the requests on fresh connections.`;
  report("prober", "The prober itself", `${how}\n\n${markdownTable(rows)}`);
  expect(Math.max(...lags)).toBeLessThan(25);
});
