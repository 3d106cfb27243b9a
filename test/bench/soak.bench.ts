import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort, load, mixedLanes } from "../e2e/bare.ts";
import { fixturesDirectory } from "../e2e/fixtures.ts";
import { openHost, serviceSpec, versionFile } from "../e2e/host.ts";
import { descriptors, rssMegabytes } from "./process-figures.ts";
import { markdownTable, median, report } from "./record.ts";

const reloads = Number(process.env["CUTOVER_SOAK_RELOADS"] ?? 1000);
const samples = 5;

test(`soak: ${reloads} reloads under load`, async () => {
  const host = await openHost();
  try {
    const port = await freePort();
    const version = versionFile(host);
    version.write("v0");
    const env = { VERSION_FILE: version.path };
    const cwd = fixturesDirectory();
    const spec = serviceSpec(host, { run: [process.execPath, "http.cjs"], cwd, port, instances: 2, env });
    await host.start(spec);
    const { pid } = await host.ping();
    const rows = [["reloads", "descriptors of the supervisor", "its RSS, MB", "median reload, ms"]];
    const figures = (done: number, ms: readonly number[]): void => {
      const time = ms.length === 0 ? "-" : median(ms).toFixed(0);
      rows.push([String(done), String(descriptors(pid)), rssMegabytes(pid).toFixed(0), time]);
    };
    figures(0, []);
    const before = descriptors(pid);
    const prober = await load(port, mixedLanes(200));
    let times: number[] = [];
    for (let i = 1; i <= reloads; i++) {
      version.write(`v${i}`);
      const startedAt = performance.now();
      await host.reload("app/web", spec);
      times.push(performance.now() - startedAt);
      if (i % Math.ceil(reloads / samples) === 0) {
        figures(i, times);
        times = [];
      }
    }
    const proof = await prober.stop();
    await sleep(3000);
    figures(reloads, []);
    const { sent, failed, longestGapMs, p50Ms, p99Ms } = proof.total;
    const text = [
      `${sent.toLocaleString("en-US")} requests at 200 a second, kept and fresh connections, 2 instances: **${failed} lost**;`,
      `longest gap ${longestGapMs?.toFixed(0)} ms, p50 ${p50Ms?.toFixed(1)} ms, p99 ${p99Ms?.toFixed(0)} ms,`,
      `the client's own lag p99 ${proof.lag.p99Ms.toFixed(0)} ms. ${proof.versions.length} versions answered.`,
    ].join(" ");
    report("soak", "A thousand reloads", `${text}\n\n${markdownTable(rows)}`);
    expect(proof.failures).toEqual([]);
    expect(descriptors(pid)).toBeLessThanOrEqual(before + 5);
  } finally {
    await host.close();
  }
});
