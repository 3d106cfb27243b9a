import { expect, test } from "vitest";
import type { Cohort } from "../../../src/plan/traffic.ts";
import { even, routing, untilSessions, sessionsOf, type Bed } from "./bed.ts";
import { ask, freshClient, keptClient, tally } from "./client.ts";

const mobile: Cohort = {
  match: { header: "User-Agent", regex: "Mobile|Android|iPhone OS" },
  servers: ["app2", "app3"],
};
const beta: Cohort = { match: { cookie: "team", regex: "^(red|blue) [0-9]+$" }, servers: ["app3"] };

export function describeRouting(get: () => Bed): void {
  test("reads what was written", async () => {
    const { balancer, driver } = get();
    const wanted = [
      even,
      routing([1, 0, 0]),
      routing([0, 1, 1]),
      ...(driver.abilities.hasWeights ? [routing([19, 1, 0]), routing([256, 1, 128])] : []),
      ...(driver.abilities.hasCohorts ? [routing([1, 1, 0], mobile), routing([1, 1, 0], beta)] : []),
      routing([0, 0, 0]),
      routing([0, 0, 1]),
    ];
    for (const one of wanted) {
      await balancer.write(one);
      expect((await balancer.read()).routing).toEqual(one);
    }
  });

  test("shares follow the weights, on fresh and on kept connections", async (context) => {
    const { balancer, driver, url } = get();
    if (!driver.abilities.hasWeights) return context.skip();
    await balancer.write(routing([3, 1, 0]));
    for (const client of [keptClient(url), freshClient(url)]) {
      const got = await tally(client, 400);
      client.close();
      expect(Object.keys(got).sort()).toEqual(["app1", "app2"]);
      // Five standard deviations of a fair draw; a balancer that takes turns is exact.
      expect(Math.abs((got["app1"] ?? 0) - 300)).toBeLessThan(44);
    }
  });

  test("a server of weight 0 takes nothing new, on connections that were there before too", async () => {
    const { balancer, url, apps } = get();
    const kept = Array.from({ length: 6 }, () => keptClient(url));
    for (const client of kept) await tally(client, 3);
    await balancer.write(routing([1, 0, 0]));
    const before = [apps.app("app2").requests(), apps.app("app3").requests()];
    for (const client of kept) expect(await tally(client, 10)).toEqual({ app1: 10 });
    expect(await ask(url, 60)).toEqual({ app1: 60 });
    expect([apps.app("app2").requests(), apps.app("app3").requests()]).toEqual(before);
    for (const client of kept) client.close();
  });

  test("a cohort by header reaches only its servers, weight 0 or not, and others never do", async (context) => {
    const { balancer, driver, url } = get();
    if (!driver.abilities.hasCohorts) return context.skip();
    await balancer.write(routing([1, 0, 0], mobile));
    const inside = await ask(url, 80, {
      "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
    });
    expect(Object.keys(inside).sort()).toEqual(["app2", "app3"]);
    expect(await ask(url, 60, { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)" })).toEqual({ app1: 60 });
    expect(await ask(url, 20, { "X-Other": "Mobile", Cookie: "User-Agent=Mobile" })).toEqual({ app1: 20 });
    expect(await ask(url, 20)).toEqual({ app1: 20 });
  });

  test("the name of the cohort's header is read without regard to case, its value as written", async (context) => {
    const { balancer, driver, url } = get();
    if (!driver.abilities.hasCohorts) return context.skip();
    await balancer.write(routing([1, 0, 0], mobile));
    expect(await ask(url, 8, { "user-agent": "x Mobile" })).not.toHaveProperty("app1");
    expect(await ask(url, 8, { "user-agent": "x mobile" })).toEqual({ app1: 8 });
  });

  test("a cohort by cookie is one cookie's value, whatever stands beside it", async (context) => {
    const { balancer, driver, url } = get();
    if (!driver.abilities.hasCohorts) return context.skip();
    await balancer.write(routing([1, 1, 0], beta));
    for (const cookie of ["team=red 7", "a=1; team=blue 12; b=2", "steam=green; team=red 1"]) {
      expect(await ask(url, 8, { Cookie: cookie })).toEqual({ app3: 8 });
    }
    for (const cookie of [
      "team=red",
      "team=xred 7",
      "team=red 7x",
      "steam=red 7",
      "other=team=red 7",
      "x=red 7",
    ]) {
      expect(await ask(url, 8, { Cookie: cookie })).not.toHaveProperty("app3");
    }
    await balancer.write(routing([1, 1, 0]));
    expect(await ask(url, 20, { Cookie: "team=red 7" })).not.toHaveProperty("app3");
  });

  test("draining ends when the last request under way has its answer, and new ones go elsewhere", async (context) => {
    const { balancer, driver, url, apps } = get();
    if (!driver.abilities.hasSessions) return context.skip();
    await balancer.write(routing([1, 0, 0]));
    const client = keptClient(url);
    const slow = client.get("/slow");
    await untilSessions(get(), "app1", 1);
    await balancer.write(routing([0, 1, 0]));
    expect(await ask(url, 40)).toEqual({ app2: 40 });
    expect(await sessionsOf(get(), "app1")).toBe(1);
    apps.app("app1").release();
    expect(await slow).toEqual({ status: 200, app: "app1" });
    await untilSessions(get(), "app1", 0);
    client.close();
  });

  test("a client cannot choose a server by the words that cutover asks with", async () => {
    const { balancer, url } = get();
    await balancer.ask("web", "app2");
    await balancer.write(routing([1, 0, 0]));
    const words = { "X-Cutover-Server": "app2", "X-Cutover-Service": "web" };
    expect(await ask(url, 10, words)).toEqual({ app1: 10 });
  });

  test("asks one server through the balancer, past weights and cohort", async () => {
    const { balancer, driver, apps } = get();
    await balancer.write(routing([1, 0, 0], driver.abilities.hasCohorts ? mobile : undefined));
    for (const { name, requests } of apps.all) {
      const before = requests();
      expect(await balancer.ask("web", name)).toEqual({ status: 200, release: `release-of-${name}` });
      expect(requests()).toBe(before + 1);
    }
  });
}
