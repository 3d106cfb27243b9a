import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answers, freePort, load, mixedLanes, until } from "../bare.ts";
import { answerOf, problemOf, processesOf, spec, supervised, type Supervised } from "./supervised.ts";

let s: Supervised;
beforeAll(async () => {
  s = await supervised();
});
afterAll(async () => {
  await s.end();
});

describe("by hand", () => {
  it("starts, replaces, scales, stops, starts again and forgets a service", async () => {
    const port = await freePort();
    const at = (name: string, instances: number) => spec({ cwd: s.release(name, {}), port, instances });
    const started = await s.client.start("shop/web", at("v1", 2));
    expect(started.status).toMatchObject({ state: "running", live: "g1", port });
    expect(started.status.instances.map((one) => [one.slot, one.state])).toEqual([
      [0, "open"],
      [1, "open"],
    ]);
    expect((await answerOf(port)).version).toBe("v1");

    const reloaded = await s.client.reload("shop/web", { spec: at("v2", 2) });
    expect(reloaded).toMatchObject({ release: "g2", stopped: 2, forced: 0 });
    expect((await answerOf(port)).version).toBe("v2");

    const kept = reloaded.status.instances.map((one) => one.pid);
    const scaled = await s.client.start("shop/web", at("v2", 3));
    expect(scaled.status.instances.map((one) => one.pid)).toEqual(expect.arrayContaining(kept));
    expect(scaled.status.instances).toHaveLength(3);
    expect((await s.client.start("shop/web", at("v2", 1))).status.instances).toHaveLength(1);

    await s.client.stop("shop/web");
    expect(await answers(`http://127.0.0.1:${port}/`)).toBe(false);
    expect((await s.client.service("shop/web")).state).toBe("stopped");
    await s.client.start("shop/web");
    expect((await answerOf(port)).version).toBe("v2");

    await s.client.remove("shop/web");
    expect(await s.client.services()).toEqual([]);
    await until("nothing of the service runs", () => processesOf(`${s.home.run}/0`).length === 0);
    expect(existsSync(`${s.home.run}/0`)).toBe(false);
  });

  it("replaces five instances in batches without losing a request or falling below capacity", async () => {
    const port = await freePort();
    const at = (name: string) => spec({ cwd: s.release(name, {}), port, instances: 5 });
    await s.client.start("shop/web", at("v1"));
    const prober = await load(port, mixedLanes(200));
    let fewest = 5;
    const counting = new AbortController();
    const events = (async () => {
      for await (const event of s.client.events(counting.signal)) {
        if (event.event !== "instance") continue;
        const { instances } = await s.client.service("shop/web");
        fewest = Math.min(fewest, instances.filter((one) => one.state === "open").length);
      }
    })().catch(() => undefined);
    await s.client.reload("shop/web", { spec: at("v2") });
    counting.abort();
    await events;
    const result = await prober.stop();
    expect(result.failures).toEqual([]);
    expect(result.total.answered).toBeGreaterThan(50);
    expect(fewest).toBe(5);
    await s.client.remove("shop/web");
  });
});

describe("by a deployment", () => {
  it("stages, checks, switches, drains and goes back, each as often as asked", async () => {
    const port = await freePort();
    const at = (name: string) => spec({ cwd: s.release(name, {}), port, instances: 2 });
    const stage = (release: string) => s.client.stage("shop/web", { release, count: 2, spec: at(release) });
    const each = async <T>(act: () => Promise<T>): Promise<T> => {
      await act();
      return act();
    };
    await each(() => stage("r1"));
    expect(await answers(`http://127.0.0.1:${port}/`)).toBe(false);
    await each(() => s.client.check("shop/web", "r1"));
    await each(() => s.client.switch("shop/web", { release: "r1", keep: 0 }));
    await stage("r2");
    await s.client.check("shop/web", "r2");
    expect((await answerOf(port)).version).toBe("r1");
    const switched = await each(() => s.client.switch("shop/web", { release: "r2", keep: 0 }));
    expect(switched.live).toBe("r2");
    expect(states(switched.instances)).toEqual(["r1 parked", "r1 parked", "r2 open", "r2 open"]);
    expect((await answerOf(port)).version).toBe("r2");

    const back = await each(() => s.client.switch("shop/web", { release: "r1", keep: 0 }));
    expect(states(back.instances)).toEqual(["r1 open", "r1 open", "r2 parked", "r2 parked"]);
    expect((await answerOf(port)).version).toBe("r1");
    const drained = await each(() => s.client.drain("shop/web", { release: "r1", keep: 0 }));
    expect(states(drained.status.instances)).toEqual(["r1 open", "r1 open"]);

    const reloaded = await s.client.reload("shop/web");
    expect(reloaded).toMatchObject({ release: "r1", stopped: 2 });
    expect(states(reloaded.status.instances)).toEqual(["r1 open", "r1 open"]);
    await s.client.remove("shop/web");
  });

  it("keeps as many of the old ones as asked", async () => {
    const port = await freePort();
    const at = (name: string) => spec({ cwd: s.release(name, {}), port, instances: 2 });
    await s.client.start("shop/web", at("v1"));
    await s.client.stage("shop/web", { release: "r2", count: 1, spec: at("v2") });
    await s.client.check("shop/web", "r2");
    await s.client.switch("shop/web", { release: "r2", keep: 1 });
    const { status } = await s.client.drain("shop/web", { release: "r2", keep: 1 });
    expect(states(status.instances)).toEqual(["g1 open", "r2 open"]);
    await s.client.remove("shop/web");
  });

  it("refuses a switch that would leave fewer to take traffic, and says what died", async () => {
    const port = await freePort();
    const at = (name: string) => spec({ cwd: s.release(name, {}), port, instances: 2 });
    await s.client.start("shop/web", at("v1"));
    await s.client.stage("shop/web", { release: "r2", count: 2, spec: at("v2") });
    const checked = await s.client.check("shop/web", "r2");
    const victim = checked.instances.find((one) => one.release === "r2");
    process.kill(victim?.pid ?? NaN, "SIGKILL");
    const problem = await problemOf(s.client.switch("shop/web", { release: "r2", keep: 0 }));
    expect(problem.code).toBe("INSTANCE_EXITED");
    expect(problem.what).toContain("SIGKILL");
    const { instances } = await s.client.service("shop/web");
    expect(states(instances).filter((state) => state.endsWith("open"))).toEqual(["g1 open", "g1 open"]);
    await s.client.remove("shop/web");
  });

  it("refuses to switch to what is not staged or not checked", async () => {
    const port = await freePort();
    const cwd = s.release("v1", { BOOT_MS: 1000 });
    await s.client.stage("shop/web", { release: "r1", count: 1, spec: spec({ cwd, port }) });
    const call = (release: string) => problemOf(s.client.switch("shop/web", { release, keep: 0 }));
    expect((await call("r1")).code).toBe("NOT_CHECKED");
    expect((await call("r9")).code).toBe("NOT_STAGED");
    expect((await problemOf(s.client.check("shop/none", "r1"))).code).toBe("SERVICE_UNKNOWN");
    await s.client.remove("shop/web");
  });
});

function states(instances: readonly { release: string; state: string }[]): readonly string[] {
  return instances.map((one) => `${one.release} ${one.state}`).sort();
}
