import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../e2e/bare.ts";
import { fixturesDirectory } from "../e2e/fixtures.ts";
import { openHost, runProgram, serviceSpec, type Host } from "../e2e/host.ts";
import { installPm2, pm2Target, type Pm2 } from "./peers.ts";
import { descriptors, pssMegabytes, rssMegabytes } from "./process-figures.ts";
import { markdownTable, median, report, spread } from "./record.ts";

const cwd = fixturesDirectory();
const script = join(cwd, "hello.cjs");
const times = 15;

/** Interleaved, so that what else the machine does falls on all of them. */
async function timeEach(
  commands: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, number[]>> {
  const figures: Record<string, number[]> = {};
  for (let i = 0; i < times; i++) {
    for (const [name, act] of Object.entries(commands)) {
      const startedAt = performance.now();
      await act();
      (figures[name] ??= []).push(performance.now() - startedAt);
    }
  }
  return figures;
}

async function withBoth(use: (host: Host, pm2: Pm2) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-bench-"));
  const host = await openHost();
  const pm2 = await installPm2(directory);
  try {
    await use(host, pm2);
  } finally {
    await pm2.run(["kill"]);
    await host.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startHello(host: Host, name: string, instances: number): Promise<void> {
  const run = [process.execPath, script];
  const health = { ...serviceSpec(host, { run, cwd, port: 1 }).health, path: "/" };
  await host.start(serviceSpec(host, { name, run, cwd, port: await freePort(), instances, health }));
}

test("footprint: command line, memory, reload time", async () => {
  await withBoth(async (host, pm2) => {
    await pm2.run(["ping"]);
    const idle = await memoryOf(host, pm2);
    for (let i = 0; i < 4; i++) {
      await startHello(host, `app${i}`, 1);
      await pm2Target(pm2, { name: `app${i}`, script, flags: ["-i", "1"], env: {} });
    }
    const commands = await timeEach({
      "node -e 0": () => runProgram(process.execPath, ["-e", "0"], { cwd, env: process.env }),
      "cutover version": () => host.cutover(["version"]),
      "cutover list": () => host.cutover(["list"]),
      "pm2 list": () => pm2.run(["list"]),
      "cutover ping": () => host.cutover(["ping"]),
      "pm2 ping": () => pm2.run(["ping"]),
    });
    const four = await memoryOf(host, pm2);
    const table = Object.entries(commands).map(([name, figures]) => [name, spread(figures, 0)]);
    const text = [
      `Wall time in ms, 4 services running, ${times} interleaved runs, median (least-most):`,
      markdownTable([["command", "ms"], ...table]),
      "The daemon of each:",
      markdownTable([["", "RSS, MB", "PSS, MB", "descriptors"], ...idle, ...four]),
    ];
    report("footprint", "Footprint", text.join("\n\n"));
    expect(median(commands["cutover list"] ?? [])).toBeLessThan(median(commands["pm2 list"] ?? []));
  });
});

async function memoryOf(host: Host, pm2: Pm2): Promise<string[][]> {
  const services = await host.supervisor.services();
  const row = (name: string, pid: number): string[] => [
    `${name}, ${services.length} services`,
    rssMegabytes(pid).toFixed(0),
    pssMegabytes(pid).toFixed(0),
    String(descriptors(pid)),
  ];
  return [row("cutover", (await host.ping()).pid), row("PM2 7", await pm2.daemonPid())];
}

test("reload-time: by number of instances, idle server", async () => {
  await withBoth(async (host, pm2) => {
    const rows = [["instances", "cutover reload, ms", "pm2 reload, ms"]];
    for (const count of [1, 2, 4]) {
      await startHello(host, `web${count}`, count);
      await pm2Target(pm2, { name: `web${count}`, script, flags: ["-i", String(count)], env: {} });
      const figures = await timeEach({
        cutover: () => host.reload(`app/web${count}`),
        pm2: () => pm2.run(["reload", `web${count}`]),
      });
      rows.push([String(count), spread(figures["cutover"] ?? [], 0), spread(figures["pm2"] ?? [], 0)]);
      await host.supervisor.stop(`app/web${count}`);
      await pm2.run(["delete", `web${count}`]);
    }
    const how = `${times} interleaved reloads each, median (least-most). cutover's time includes the health checks, the switch and the old instances' end; PM2's includes the start of its command line.`;
    report("reload-time", "Time of a reload", `${how}\n\n${markdownTable(rows)}`);
  });
});
