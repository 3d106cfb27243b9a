import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort, load, startBare, stopBare } from "../e2e/bare.ts";
import { fixturesDirectory } from "../e2e/fixtures.ts";
import { openHost, runProgram, serviceSpec, type Host } from "../e2e/host.ts";
import { haproxyTarget, installPm2, nginxTarget, pm2Target, type Pm2, type Target } from "./peers.ts";
import { cpuSeconds } from "./process-figures.ts";
import { markdownTable, report, spread } from "./record.ts";

const cwd = fixturesDirectory();
const usualRounds = Number(process.env["CUTOVER_STEADY_ROUNDS"] ?? 8);
const seconds = Number(process.env["CUTOVER_STEADY_SECONDS"] ?? 3);

interface Bench {
  readonly directory: string;
  readonly host: Host;
  readonly pm2: Pm2;
  readonly targets: Target[];
}

async function withBench(use: (bench: Bench) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-bench-"));
  const host = await openHost();
  const pm2 = await installPm2(directory);
  const targets: Target[] = [];
  try {
    await use({ directory, host, pm2, targets });
  } finally {
    for (const target of targets.reverse()) await target.close();
    await pm2.close();
    await host.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function bare(bench: Bench, env: Record<string, string>): Promise<Target> {
  const port = await freePort();
  const log = join(bench.directory, `bare-${port}.log`);
  const start = () => startBare([process.execPath, "hello.cjs"], { port, cwd, env, log });
  let child = await start();
  return {
    name: "bare node",
    port,
    pids: async () => [child.pid ?? 0],
    async renew() {
      await stopBare(child);
      child = await start();
    },
    close: () => stopBare(child),
  };
}

async function supervised(bench: Bench, instances: number, env: Record<string, string>): Promise<Target> {
  const port = await freePort();
  const name = `web${instances}`;
  const run = [process.execPath, "hello.cjs"];
  await bench.host.start(serviceSpec(bench.host, { name, run, cwd, port, instances, env }));
  const { pid } = await bench.host.ping();
  return {
    name: `cutover, ${instances} instance${instances === 1 ? "" : "s"}`,
    port,
    async pids() {
      const { instances } = await bench.host.service(`app/${name}`);
      return [pid, ...instances.flatMap((instance) => instance.pid ?? [])];
    },
    async renew() {
      await bench.host.reload(`app/${name}`);
      await settle(pid);
    },
    close: async () => void (await bench.host.supervisor.stop(`app/${name}`)),
  };
}

/** Until the supervisor has nothing left to do for the reload, which is no part of a steady state. */
async function settle(pid: number): Promise<void> {
  for (;;) {
    const before = cpuSeconds([pid]);
    await delay(500);
    if (cpuSeconds([pid]) - before < 0.02) return;
  }
}

interface Figures {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly microsecondsPerRequest: number;
  readonly errors: number;
}

async function measure(target: Target, mode: "kept" | "fresh"): Promise<Figures> {
  const header = mode === "fresh" ? ["-H", "Connection: close"] : [];
  const wrk = (time: number) => {
    const args = ["-t1", "-c64", `-d${time}s`, "--latency", ...header, `http://127.0.0.1:${target.port}/`];
    return runProgram("wrk", args, { cwd, env: process.env });
  };
  await target.renew?.();
  await wrk(1);
  const pids = await target.pids();
  const cpuBefore = cpuSeconds(pids);
  const { stdout } = await wrk(seconds);
  const cpu = cpuSeconds(pids) - cpuBefore;
  const [, p99 = "", unit = "ms"] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  return {
    perSecond: numberIn(stdout, /Requests\/sec:\s+([\d.]+)/),
    p99Ms: Number(p99) * (milliseconds[unit] ?? Number.NaN),
    microsecondsPerRequest: (cpu * 1e6) / numberIn(stdout, /(\d+) requests in/),
    errors: stdout.includes("Non-2xx") ? numberIn(stdout, /Non-2xx or 3xx responses: (\d+)/) : 0,
  };
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}

/** Every target in every round, in a rotated order; ratios are to the first target of the same round. */
async function compare(targets: readonly Target[], mode: "kept" | "fresh", rounds = usualRounds) {
  const all = new Map(targets.map((target): [Target, Figures[]] => [target, []]));
  for (let round = 0; round < rounds; round++) {
    const order = targets.map((_, i) => targets[(i + round) % targets.length]);
    for (const target of order) if (target !== undefined) all.get(target)?.push(await measure(target, mode));
  }
  const [first] = targets;
  const reference = (first === undefined ? undefined : all.get(first)) ?? [];
  const rows = [["", "requests/s", "ratio to bare", "p99, ms", "CPU per request, µs", "its ratio"]];
  const ratios = new Map<string, number[]>();
  for (const [target, figures] of all) {
    const ratio = figures.map(({ perSecond }, i) => perSecond / (reference[i]?.perSecond ?? Number.NaN));
    const cpu = figures.map(
      ({ microsecondsPerRequest }, i) =>
        microsecondsPerRequest / (reference[i]?.microsecondsPerRequest ?? Number.NaN),
    );
    ratios.set(target.name, ratio);
    expect(figures.reduce((sum, { errors }) => sum + errors, 0)).toBe(0);
    const column = (name: keyof Figures, digits: number): string =>
      spread(
        figures.map((figure) => figure[name]),
        digits,
      );
    rows.push([
      target.name,
      column("perSecond", 0),
      spread(ratio),
      column("p99Ms", 1),
      column("microsecondsPerRequest", 0),
      spread(cpu),
    ]);
  }
  return { table: markdownTable(rows), ratios };
}

const how = `\`wrk -t1 -c64 -d${seconds}s\`, ${usualRounds} rounds, every target once a round, the order rotated, bare Node and cutover with new processes each time, a second of warm-up; median (least-most). wrk takes one of the cores, so two instances share what is left. Ratios are within a round.`;

test("steady: throughput beside bare node and the peers", async () => {
  await withBench(async (bench) => {
    const { targets, directory, pm2 } = bench;
    const plain = await bare(bench, {});
    targets.push(plain, await supervised(bench, 1, {}), await supervised(bench, 2, {}));
    const script = join(cwd, "hello.cjs");
    targets.push(await pm2Target(pm2, { name: "PM2 -i 2", script, flags: ["-i", "2"], env: {} }));
    targets.push(await nginxTarget(directory, plain), await haproxyTarget(directory, plain));
    const kept = await compare(targets, "kept");
    const fresh = await compare(targets, "fresh");
    const text = `${how}\n\nKept connections:\n\n${kept.table}\n\nA fresh connection for each request:\n\n${fresh.table}`;
    report("steady", "Steady state beside bare Node", text);
  });
});

test("pair: one instance beside bare node, many rounds", async () => {
  await withBench(async (bench) => {
    const { targets } = bench;
    targets.push(await bare(bench, {}), await supervised(bench, 1, {}));
    const rounds = 2 * usualRounds;
    const { table } = await compare(targets, "kept", rounds);
    const text = `\`wrk -t1 -c64 -d${seconds}s\`, ${rounds} rounds of these two alone, new processes each time, kept connections. On a shared machine a round may differ by more than what is measured: compare the medians.\n\n${table}`;
    report("pair", "Steady state of one instance", text);
  });
});

test("balance: requests of each of two instances", async () => {
  await withBench(async (bench) => {
    const target = await supervised(bench, 2, {});
    bench.targets.push(target);
    const rows = [["connections", "share of the instances"]];
    for (const connection of ["keep-alive", "fresh"] as const) {
      const lane = {
        kind: "requests",
        name: connection,
        connection,
        connections: 64,
        loop: { kind: "closed", workers: 64 },
      } as const;
      const shares: string[] = [];
      for (let i = 0; i < 5; i++) {
        const prober = await load(target.port, [lane], { version: { field: "pid" } });
        await new Promise((resolve) => setTimeout(resolve, 3000));
        const { versions, total } = await prober.stop();
        const parts = versions.map(({ answers }) => Math.round((answers / total.answered) * 100));
        shares.push(parts.sort((a, b) => b - a).join(":"));
      }
      rows.push([connection === "fresh" ? "fresh" : "64 kept", shares.join(", ")]);
    }
    report("balance", "Balance between two instances", `Five runs of 3 s each.\n\n${markdownTable(rows)}`);
  });
});

test("logging: one line per request, to files", async () => {
  await withBench(async (bench) => {
    const env = { LOG_LINES: "1" };
    const { targets, pm2 } = bench;
    targets.push(await bare(bench, env), await supervised(bench, 1, env));
    const script = join(cwd, "hello.cjs");
    targets.push(await pm2Target(pm2, { name: "PM2 (fork)", script, flags: [], env }));
    const { table } = await compare(targets, "kept");
    report("logging", "One log line per request", `Bare Node writes to a file. ${how}\n\n${table}`);
  });
});
