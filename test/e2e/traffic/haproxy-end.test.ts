import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TrafficEffect } from "../../../src/plan/effect.ts";
import type { Goal } from "../../../src/plan/record.ts";
import type { BalancerEnd } from "../../../src/fleet/end.ts";
import { openBalancerEnd } from "../../../src/fleet/balancer-end.ts";
import type { TrafficSettings } from "../../../src/traffic/driver.ts";
import { until, freePort } from "../bare.ts";
import { openApps, type Apps } from "../../contract/traffic/apps.ts";
import { even, routing } from "../../contract/traffic/bed.ts";
import { ask, keptClient } from "../../contract/traffic/client.ts";
import { findHaproxy, startHaproxy, type RunningHaproxy } from "./haproxy.ts";

const release = "release-of-app2";
const onBalancer = { layer: "traffic", host: "lb", release } as const;
const health = { kind: "http", path: "/health", expect: 200, healthyAfter: 2 } as const;
/** What the effects of a balancer read of a goal. */
const goal = { spec: { services: [{ name: "web", health }] } } as unknown as Goal;
const live = { emit: () => undefined };

describe.skipIf(findHaproxy() === undefined)("one end of a fleet: a haproxy", () => {
  const root = mkdtempSync(join(tmpdir(), "cutover-end-"));
  let apps: Apps;
  let running: RunningHaproxy;
  let end: BalancerEnd;
  let url: string;
  let settings: TrafficSettings;
  let epoch = 0;

  const open = (): Promise<BalancerEnd> =>
    openBalancerEnd({ name: "lb", app: "shop", settings, env: { CUTOVER_HOME: root }, version: "0" });
  const apply = (effect: TrafficEffect, at = epoch) => end.apply({ effect, epoch: at, goal }, live);

  beforeAll(async () => {
    apps = await openApps(["app1", "app2", "app3"]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    // Quick enough for a test: a server is down 0.2 s after its first refusal, and up again as soon.
    const server = "check inter 100ms fall 2 rise 2";
    running = await startHaproxy({ directory: root, apps, port }, { server });
    settings = {
      spec: running.spec,
      servers: Object.fromEntries(apps.all.map(({ name, address }) => [name, [address]])),
      services: { web: { port: apps.port, healthPath: "/health" }, worker: { port: 1 } },
    };
    end = await open();
  });
  afterAll(async () => {
    await running.stop();
    await apps.close();
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(async () => {
    epoch = (await end.epoch()) + 1;
    await end.raise(epoch, "ann@desk");
    await until("all servers are up", async () => (await end.observe()).servers.every(({ isUp }) => isUp));
    expect(await apply({ ...onBalancer, verb: "switch", routing: even })).toEqual({ outcome: "done" });
  });

  test("an epoch is accepted once, and nothing of a lower one is applied any more", async () => {
    const other = await open();
    expect(await other.raise(epoch + 1, "bob@desk")).toEqual({ accepted: true, epoch: epoch + 1 });
    expect(await end.raise(epoch + 1, "ann@desk")).toEqual({ accepted: false, epoch: epoch + 1 });
    const stale = { outcome: "stale", epoch: epoch + 1 };
    expect(await apply({ ...onBalancer, verb: "switch", routing: routing([1, 0, 0]) })).toEqual(stale);
    expect(await apply({ ...onBalancer, verb: "check", servers: ["app1"] })).toEqual(stale);
    expect(await apply({ ...onBalancer, verb: "drain", servers: ["app1"], deadlineMs: 10 })).toEqual(stale);
    expect((await end.observe()).routing).toEqual(even);
  });

  test("observes the routing, its servers and the epoch", async () => {
    expect(await end.observe()).toEqual({
      host: "lb",
      reachable: true,
      epoch,
      routing: even,
      servers: ["app1", "app2", "app3"].map((server) => ({
        service: "web",
        server,
        isUp: true,
        sessions: 0,
        address: expect.stringMatching(/^127\.0\.0\.1\d:\d+$/),
      })),
    });
    expect((await end.counters()).map(({ server }) => server)).toEqual(["app1", "app2", "app3"]);
    expect(await end.frontends()).toEqual([
      { service: "web", port: Number(new URL(url).port), isTls: false, address: "127.0.0.1", names: [] },
    ]);
  });

  test("a drain ends with the last answer", async () => {
    await apply({ ...onBalancer, verb: "switch", routing: routing([1, 0, 0]) });
    const client = keptClient(url);
    const slow = client.get("/slow");
    await untilBusy("app1");
    await apply({ ...onBalancer, verb: "switch", routing: routing([0, 1, 0]) });
    let isDrained = false;
    const drained = apply({ ...onBalancer, verb: "drain", servers: ["app1"], deadlineMs: 20_000 }).finally(
      () => {
        isDrained = true;
      },
    );
    expect(await ask(url, 20)).toEqual({ app2: 20 });
    expect(isDrained).toBe(false);
    apps.app("app1").release();
    expect(await slow).toEqual({ status: 200, app: "app1" });
    expect(await drained).toEqual({ outcome: "done" });
    client.close();
  });

  test("a drain ends at its deadline and says what is left", async () => {
    await apply({ ...onBalancer, verb: "switch", routing: routing([1, 0, 0]) });
    const client = keptClient(url);
    const slow = client.get("/slow");
    await untilBusy("app1");
    const effect = { ...onBalancer, verb: "drain", servers: ["app1"], deadlineMs: 200 } as const;
    const notes = ["After 0.2 s requests were still under way: 1 of web on app1."];
    expect(await apply(effect)).toEqual({ outcome: "done", notes });
    apps.app("app1").release();
    await slow;
    client.close();
  });

  test("whoever takes over does not wait for a drain, which ends as stale", async () => {
    await apply({ ...onBalancer, verb: "switch", routing: routing([1, 0, 0]) });
    const client = keptClient(url);
    const slow = client.get("/slow");
    await untilBusy("app1");
    const drained = apply({ ...onBalancer, verb: "drain", servers: ["app1"], deadlineMs: 60_000 });
    expect(await end.raise(epoch + 1, "bob@desk")).toEqual({ accepted: true, epoch: epoch + 1 });
    expect(await drained).toEqual({ outcome: "stale", epoch: epoch + 1 });
    apps.app("app1").release();
    await slow;
    client.close();
  });

  test("asks servers through the balancer, without traffic too, and knows the release", async () => {
    await apply({ ...onBalancer, verb: "switch", routing: routing([1, 0, 0]) });
    const before = apps.app("app2").requests();
    expect(await apply({ ...onBalancer, verb: "check", servers: ["app2"] })).toEqual({ outcome: "done" });
    expect(apps.app("app2").requests()).toBe(before + health.healthyAfter);
  });

  test("a check waits until the balancer sees the server as up", async () => {
    await apply({ ...onBalancer, verb: "switch", routing: routing([1, 0, 0]) });
    await apps.app("app2").close();
    await until("app2 is down", async () => !(await serverOf("app2")).isUp);
    const checked = apply({ ...onBalancer, verb: "check", servers: ["app2"] });
    await apps.app("app2").open();
    expect(await checked).toEqual({ outcome: "done" });
    expect((await serverOf("app2")).isUp).toBe(true);
  });

  test("all traffic to servers that are down is refused, and nothing is changed", async () => {
    await apps.app("app3").close();
    await until("app3 is down", async () => !(await serverOf("app3")).isUp);
    const outcome = await apply({ ...onBalancer, verb: "switch", routing: routing([0, 0, 1]) });
    expect(outcome).toMatchObject({ outcome: "refused", problem: { code: "TRAFFIC_NO_SERVER" } });
    expect((await end.observe()).routing).toEqual(even);
    await apps.app("app3").open();
  });

  test("an engine that there is not", async () => {
    const wrong = { ...settings, spec: { ...settings.spec, engine: "haprox" } };
    const opening = openBalancerEnd({ name: "lb", app: "shop", settings: wrong, env: {}, version: "0" });
    await expect(opening).rejects.toThrow('There is no traffic driver "haprox".');
  });

  async function serverOf(name: string) {
    const found = (await end.observe()).servers.find(({ server }) => server === name);
    if (found === undefined) throw new Error(`${name} is not seen`);
    return found;
  }

  async function untilBusy(name: string): Promise<void> {
    await until(`${name} is busy`, async () => ((await serverOf(name)).sessions ?? 0) > 0);
  }
});
