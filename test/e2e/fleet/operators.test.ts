import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../bare.ts";
import type { Machine } from "./bed/machine.ts";
import { missingForBed } from "./bed/missing.ts";
import { follow, type Running } from "./bed/running.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";

const hosts = ["h1", "h2", "h3"] as const;
const app = "srv/shop";
/** The contract: a lock is free this long after its owner died. */
const lockMs = 15_000;

describe.skipIf(missingForBed(["haproxy"]).length > 0)("operators and hosts that come and go", () => {
  let shop: FleetShop;
  let version = 0;

  beforeAll(async () => {
    shop = await openFleetShop({ hosts, balancer: "haproxy" });
    configure("100ms");
    await write();
    const ran = await shop.program.run(["deploy", "--yes"]);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
  });
  afterAll(() => shop.close());

  function configure(hold: string): void {
    shop.configure({
      name: "canary",
      balancer: "haproxy",
      servers: "[deploy@h1, deploy@h2, deploy@h3]",
      rollout: `{ strategy: canary, bake: 100ms, canary: { steps: [20%, 100%], hold: ${hold} } }`,
    });
  }

  async function write(more: Readonly<Record<string, number>> = {}): Promise<string> {
    version += 1;
    await shop.write({ VERSION: `v${version}`, ...more });
    return `v${version}`;
  }

  function start(...words: readonly string[]): Running {
    const child = shop.program.start([...words, "--yes", "--json"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    return follow(child);
  }

  /** A deployment that holds at 20 % for as long as the test needs. */
  async function deployUntilHold(): Promise<Running> {
    configure("10m");
    await write();
    const deploying = start("deploy");
    await deploying.until("the canary holds", ({ event }) => event === "hold");
    return deploying;
  }

  const isFree = ({ directory }: Machine): boolean =>
    spawnSync("flock", ["--nonblock", join(directory, app, ".cutover/deploy.lock"), "true"]).status === 0;

  async function untilFree(): Promise<void> {
    for (const host of shop.bed.hosts)
      await until(`the lock on ${host.name} is free`, () => isFree(host), lockMs);
  }

  /** All that an operator could change: links, epochs, journals, and what the balancer does. */
  async function everything(): Promise<readonly string[]> {
    const files = shop.bed.hosts.flatMap(({ directory }) => [
      readlinkSync(join(directory, app, "current")),
      readFileSync(join(directory, app, ".cutover/epoch"), "utf8"),
    ]);
    const status = await shop.program.run(["status"]);
    return [...files, JSON.stringify(shop.journal()), status.stdout];
  }

  async function expectServing(version: string): Promise<void> {
    expect(await shop.versions()).toEqual(hosts.map(() => version));
    expect(await shop.version()).toBe(version);
  }

  test("one that was stopped in the middle is overtaken, and when it goes on it is refused and changes nothing", async () => {
    const before = await shop.version();
    const stopped = await deployUntilHold();
    process.kill(stopped.pid, "SIGSTOP");
    const early = await shop.program.run(["resume", "--yes"]);
    expect(early.exit, early.stderr).toBe(3);
    expect(early.stderr + early.stdout).toContain("LOCK_HELD");
    await untilFree();
    const abort = await shop.program.run(["abort", "--yes"]);
    expect(abort.exit, abort.stdout + abort.stderr).toBe(0);
    await expectServing(before);
    const left = await everything();
    process.kill(stopped.pid, "SIGCONT");
    const result = await stopped.ended;
    expect(result, stopped.story()).toMatchObject({ exit: 6, problem: { code: "LOCK_STALE" } });
    expect(result?.problem?.what).toBe("Somebody newer is in charge of this deployment.");
    expect(await everything()).toEqual(left);
  });

  test("one of an older epoch is refused at every host and at the balancer", async () => {
    const script = fileURLToPath(new URL("bed/stale.mjs", import.meta.url));
    const dist = fileURLToPath(new URL("../../../dist", import.meta.url));
    const machines = { hosts: hosts.map((name) => `deploy@${name}`), balancers: ["root@lb1"] };
    const settings = {
      spec: { engine: "haproxy", backends: { web: "be_web" }, addresses: {}, options: {} },
      servers: Object.fromEntries(shop.bed.hosts.map(({ name, address }) => [name, [name, address]])),
      services: { web: { port: 3000, healthPath: "/health" } },
    };
    const argv = [
      process.execPath,
      script,
      dist,
      `/${app}`,
      JSON.stringify(machines),
      JSON.stringify(settings),
    ];
    const left = await everything();
    const ran = await shop.bed.operator.run(argv, {
      env: { ...process.env, HOME: join(shop.bed.operator.directory, "home") },
    });
    expect(ran.exit, ran.stderr).toBe(0);
    const answers = ran.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(answers).toEqual([
      ...hosts.map((host) => ({ host, effect: "stale", raise: false, append: false })),
      { host: "lb1", effect: "stale", raise: false },
    ]);
    expect(await everything()).toEqual(left);
  });

  test("one that was killed leaves no lock", async () => {
    const killed = await deployUntilHold();
    expect(shop.bed.hosts.map(isFree)).toEqual([false, false, false]);
    process.kill(killed.pid, "SIGKILL");
    await untilFree();
    const abort = await shop.program.run(["abort", "--yes"]);
    expect(abort.exit, abort.stdout + abort.stderr).toBe(0);
  });

  test("one that was cut off leaves no lock, and goes on when its cable is back", async () => {
    const next = `v${version + 1}`;
    const away = await deployUntilHold();
    await shop.bed.network.cut(shop.bed.operator);
    await untilFree();
    await shop.bed.network.mend(shop.bed.operator);
    await until("it holds its lock again", () => shop.bed.hosts.every((host) => !isFree(host)), 30_000);
    const promoted = await shop.program.run(["promote", "--yes"]);
    expect(promoted.exit, promoted.stdout + promoted.stderr).toBe(0);
    expect(await away.ended, away.story()).toMatchObject({ exit: 0 });
    await expectServing(next);
  });

  test("a host that is cut off in the middle of its replacement: paused, with its name and the way out", async () => {
    const [h1] = shop.bed.hosts;
    if (h1 === undefined) throw new Error("three hosts");
    configure("100ms");
    const next = await write({ BOOT_MS: 2000 });
    const prober = await shop.load();
    const deploying = start("deploy");
    await deploying.until(
      "h1 starts the new release",
      ({ event, effect }) => event === "effect" && effect?.layer === "process" && effect.verb === "check",
    );
    await shop.bed.network.cut(h1);
    const result = await deploying.ended;
    expect(result, deploying.story()).toMatchObject({ exit: 6, problem: { code: "HOST_UNREACHABLE" } });
    expect(result?.problem?.what).toContain("h1");
    expect(result?.problem?.fix).toContain("cutover resume");
    await shop.bed.network.mend(h1);
    const resumed = await shop.program.run(["resume", "--yes"]);
    expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
    await expectServing(next);
    const { total, failures } = await prober.stop();
    console.log(`cut off: ${total.sent} requests sent, ${total.failed} lost`);
    expect(failures).toEqual([]);
  });
});
