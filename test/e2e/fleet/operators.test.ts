import { readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../bare.ts";
import type { Machine } from "./bed/machine.ts";
import { missingForBed } from "./bed/missing.ts";
import { type Canary, openCanary } from "./canary.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";

const hosts = ["h1", "h2", "h3"] as const;
const app = "srv/shop";
/** The contract: a lock is free this long after its owner died. */
const lockMs = 15_000;

describe.skipIf(missingForBed(["haproxy"]).length > 0)("operators and hosts that come and go", () => {
  let shop: FleetShop;
  let canary: Canary;

  beforeAll(async () => {
    shop = await openFleetShop({ hosts, balancer: "haproxy" });
    canary = await openCanary(shop);
  });
  afterAll(() => shop.close());

  /** As the kernel knows it: trying would take it away, for a moment, from the operator who wants it. */
  const isFree = ({ directory }: Machine): boolean => {
    const { ino } = statSync(join(directory, app, ".cutover/deploy.lock"));
    return !readFileSync("/proc/locks", "utf8").includes(`:${ino} `);
  };

  /** In the whole time that the contract gives, seen from the outside. */
  async function untilFree(what: string): Promise<void> {
    const from = performance.now();
    for (const host of shop.bed.hosts)
      await until(
        `the lock on ${host.name} is free`,
        () => isFree(host),
        lockMs - (performance.now() - from),
      );
    console.log(`${what}: locks free after ${Math.round(performance.now() - from)} ms`);
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

  test("one that was stopped in the middle is overtaken, and when it goes on it is refused and changes nothing", async () => {
    const before = await shop.version();
    const stopped = await canary.deployUntilHold();
    process.kill(stopped.pid, "SIGSTOP");
    const early = await shop.program.run(["resume", "--yes"]);
    expect(early.exit, early.stderr).toBe(3);
    expect(early.stderr + early.stdout).toContain("LOCK_HELD");
    // It is asked, says nothing, and 10 s later its lock is gone: then whoever asked does it.
    const abort = await shop.program.run(["abort", "--yes"]);
    expect(abort.exit, abort.stdout + abort.stderr).toBe(0);
    await canary.expectServing(before);
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
    const killed = await canary.deployUntilHold();
    expect(shop.bed.hosts.map(isFree)).toEqual([false, false, false]);
    process.kill(killed.pid, "SIGKILL");
    await untilFree("killed");
    const abort = await shop.program.run(["abort", "--yes"]);
    expect(abort.exit, abort.stdout + abort.stderr).toBe(0);
  });

  test("one that was cut off leaves no lock, and goes on when its cable is back", async () => {
    const away = await canary.deployUntilHold();
    await shop.bed.network.cut(shop.bed.operator);
    await untilFree("cut off");
    await shop.bed.network.mend(shop.bed.operator);
    await until("it holds its lock again", () => shop.bed.hosts.every((host) => !isFree(host)), 30_000);
    const promoted = await shop.program.run(["promote", "--yes"]);
    expect(promoted.exit, promoted.stdout + promoted.stderr).toBe(0);
    expect(await away.ended, away.story()).toMatchObject({ exit: 0 });
    await canary.expectServing(canary.newest());
  });

  // It has weight 0 at that moment, so every request through the balancer counts: what is under way on a server that takes
  // traffic when its cable is pulled nobody could answer.
  test("a host that is cut off in the middle of its replacement: paused, with its name and the way out", async () => {
    const [h1] = shop.bed.hosts;
    if (h1 === undefined) throw new Error("three hosts");
    await canary.withoutLoss("one of three cut off", async () => {
      const deploying = await canary.deployUntilReplaced();
      await shop.bed.network.cut(h1);
      const result = await deploying.ended;
      expect(result, deploying.story()).toMatchObject({ exit: 6, problem: { code: "HOST_UNREACHABLE" } });
      expect(result?.problem?.what).toContain("h1");
      expect(result?.problem?.fix).toContain("cutover resume");
      await shop.bed.network.mend(h1);
      const resumed = await shop.program.run(["resume", "--yes"]);
      expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
      await canary.expectServing(canary.newest());
    });
  });
});
