import { join } from "node:path";
import { expect, test } from "vitest";
import { dependency, fixturesDirectory, nodeOf } from "../e2e/fixtures.ts";
import { playRow } from "../e2e/matrix/by-hand.ts";
import { rowName, rows } from "../e2e/matrix/pm2-rows.ts";
import { reloadUnderLoad } from "../e2e/matrix/reloads.ts";
import { markdownTable, median, report } from "./record.ts";

const cwd = fixturesDirectory();
const programs = {
  "plain http": { run: ["http.cjs"], cwd },
  "Express 5": { run: ["express.cjs"], cwd },
  "Fastify 5": { run: ["fastify.cjs"], cwd },
  Koa: { run: ["koa.cjs"], cwd },
  "NestJS 11": { run: ["nest/main.js"], cwd },
  "Next.js 16": { run: [dependency("next/dist/bin/next"), "start"], cwd: join(cwd, "next") },
};

test("matrix: 20 reloads of each framework on each Node, 300 requests a second", async () => {
  const table = [
    ["", "Node", "reloads", "requests", "lost", "longest gap, ms", "p99, ms", "median reload, ms"],
  ];
  let lost = 0;
  for (const [name, program] of Object.entries(programs)) {
    for (const major of [20, 22, 24] as const) {
      const run = [nodeOf(major), ...program.run];
      const { proof, reloadMs } = await reloadUnderLoad({ ...program, run, reloads: 20, ratePerSecond: 300 });
      const { sent, failed, longestGapMs, p99Ms } = proof.total;
      lost += failed;
      const figures = [longestGapMs ?? 0, p99Ms ?? 0, median(reloadMs)].map((ms) => ms.toFixed(0));
      table.push([name, String(major), "20", String(sent), String(failed), ...figures]);
    }
  }
  report("matrix", "Frameworks: 20 reloads in a row under load", markdownTable(table));
  expect(lost).toBe(0);
});

test("pm2-table: the rows that PM2 loses requests in, 3 times each at 300 requests a second", async () => {
  const table = [["", "PM2 7 lost per verb (kept / fresh)", "cutover: requests", "lost", "median verb, ms"]];
  let lost = 0;
  for (const [row, pm2] of rows) {
    const { proof, verbMs } = await playRow({ ...row, times: 3 }, 300);
    lost += proof.total.failed;
    table.push([
      rowName(row),
      pm2,
      String(proof.total.sent),
      String(proof.total.failed),
      median(verbMs).toFixed(0),
    ]);
  }
  report("pm2-table", "The table of PM2's losses", markdownTable(table));
  expect(lost).toBe(0);
});
