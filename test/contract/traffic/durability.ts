import { expect, test } from "vitest";
import { even, routing, type Bed } from "./bed.ts";
import { ask } from "./client.ts";

export function describeDurability(get: () => Bed): void {
  test("a restart of the balancer keeps everything", async () => {
    const { balancer, driver, url, running } = get();
    const { hasWeights, hasCohorts } = driver.abilities;
    const cohort = { match: { header: "X-Team", regex: "^red$" }, servers: ["app3"] };
    const wanted = routing(hasWeights ? [3, 1, 0] : [1, 0, 0], hasCohorts ? cohort : undefined);
    await balancer.write(wanted);
    await running.restart();
    expect((await balancer.read()).routing).toEqual(wanted);
    expect(await ask(url, 20)).not.toHaveProperty("app3");
    if (hasCohorts) expect(await ask(url, 20, { "X-Team": "red" })).toEqual({ app3: 20 });
    await balancer.write(routing([0, 1, 0]));
    await running.restart();
    expect(await ask(url, 20, { "X-Team": "red" })).toEqual({ app2: 20 });
  });

  test("what comes into the operator's files is told before, once", async () => {
    const { balancer, firstNotices } = get();
    const [added] = firstNotices;
    expect(added?.code).toBe("TRAFFIC_LINES_ADDED");
    expect(added?.evidence?.some((line) => line.startsWith("+ ") && line.includes("cutover"))).toBe(true);
    expect(await balancer.notices()).toEqual([]);
  });

  test("writing the same again changes nothing and loads nothing", async () => {
    const { balancer, running, driver } = get();
    const cohort = { match: { cookie: "beta", regex: "yes" }, servers: ["app2"] };
    const wanted = routing([1, 0, 0], driver.abilities.hasCohorts ? cohort : undefined);
    await balancer.write(wanted);
    const before = { loads: running.loads(), files: running.configuration() };
    await balancer.write(wanted);
    expect({ loads: running.loads(), files: running.configuration() }).toEqual(before);
  });

  test("the configuration ends byte for byte as it began once the first routing is back", async () => {
    const { balancer, running, driver } = get();
    const before = running.configuration();
    const cohort = { match: { header: "User-Agent", regex: "Mobile" }, servers: ["app2"] };
    if (driver.abilities.hasCohorts) await balancer.write(routing([1, 0, 1], cohort));
    await balancer.write(routing([0, 1, 0]));
    await balancer.write(routing([0, 0, 1]));
    expect(running.configuration()).not.toEqual(before);
    await balancer.write(even);
    expect(running.configuration()).toEqual(before);
  });
}
