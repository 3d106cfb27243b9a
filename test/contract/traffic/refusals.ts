import { expect, test } from "vitest";
import type { TrafficSpec } from "../../../src/plan/spec.ts";
import { isProblem } from "../../../src/problem.ts";
import type { Balancer } from "../../../src/traffic/driver.ts";
import { routing, type Bed } from "./bed.ts";
import { ask } from "./client.ts";
import { settingsOf } from "./subject.ts";

/** The code of the Problem that `run` ends with; it must say what to do. */
async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!isProblem(error)) throw error;
    expect(error.detail.what).toMatch(/\.$/);
    expect(error.detail.fix ?? "").not.toBe("");
    return error.detail.code;
  }
  throw new Error("nothing was refused");
}

/** Runs `act` and makes sure that the balancer, its files and its answers are what they were. */
async function unchanged(bed: Bed, act: () => Promise<void>): Promise<void> {
  await bed.balancer.write(routing([0, 1, 0]));
  const before = bed.running.configuration();
  await act();
  expect(bed.running.configuration()).toEqual(before);
  expect((await bed.balancer.read()).routing).toEqual(routing([0, 1, 0]));
  expect(await ask(bed.url, 20, { "X-Team": "red" })).toEqual({ app2: 20 });
}

export function describeRefusals(get: () => Bed): void {
  test("what the balancer cannot take in leaves it and its files as they were", async (context) => {
    const bed = get();
    if (!bed.driver.abilities.hasCohorts) return context.skip();
    await unchanged(bed, async () => {
      for (const regex of ["red(", "a)(b", "[z", "*"]) {
        const cohort = { match: { header: "X-Team", regex }, servers: ["app3"] };
        const code = await refusal(() => bed.balancer.write(routing([1, 0, 0], cohort)));
        expect(code).toMatch(/^TRAFFIC_/);
      }
    });
  });

  test("a text in a cohort is data, never configuration", async (context) => {
    const bed = get();
    if (!bed.driver.abilities.hasCohorts) return context.skip();
    for (const regex of ['^r"e\\sd; #$', "^it's {1}$", "^a\tb$", "^\\$host$", "^%\\[src\\]$"]) {
      const cohort = { match: { header: "X-Team", regex }, servers: ["app3"] };
      await bed.balancer.write(routing([1, 0, 0], cohort));
      expect((await bed.balancer.read()).routing.cohort).toEqual(cohort);
    }
    expect(await ask(bed.url, 4, { "X-Team": "%[src]" })).toEqual({ app3: 4 });
    await unchanged(bed, async () => {
      for (const regex of ["red\n", "red\0"]) {
        const cohort = { match: { header: "X-Team", regex }, servers: ["app3"] };
        expect(await refusal(() => bed.balancer.write(routing([1, 0, 0], cohort)))).toMatch(/^TRAFFIC_/);
      }
      const cohort = { match: { header: "X-Te am: x", regex: "red" }, servers: ["app3"] };
      expect(await refusal(() => bed.balancer.write(routing([1, 0, 0], cohort)))).toMatch(/^TRAFFIC_/);
    });
  });

  test("a server of the goal that the backend does not know", async () => {
    const bed = get();
    const servers = { ...bed.settings.servers, ghost: ["ghost", "127.0.0.99"] };
    await refuses(
      bed,
      bed.driver.open(settingsOf(bed, bed.running.spec, { servers })),
      "TRAFFIC_SERVER_UNKNOWN",
    );
  });

  test("a backend that the balancer does not know", async () => {
    const bed = get();
    const spec: TrafficSpec = { ...bed.running.spec, backends: { web: "be_wrong" } };
    await refuses(bed, bed.driver.open(settingsOf(bed, spec)), "TRAFFIC_BACKEND_UNKNOWN");
  });

  test("a balancer that cannot be reached", async () => {
    const bed = get();
    const options = { ...bed.running.spec.options, ...bed.running.unreachable };
    const spec: TrafficSpec = { ...bed.running.spec, options };
    await refuses(bed, bed.driver.open(settingsOf(bed, spec)), "TRAFFIC_UNREACHABLE");
  });

  test("an option that the driver does not know is told with the nearest one", async () => {
    const bed = get();
    const [known = "", ...rest] = Object.keys(bed.running.spec.options);
    const misspelt = `${known.slice(0, -1)}${known.endsWith("x") ? "y" : "x"}`;
    const options = { ...bed.running.spec.options, [misspelt]: "1" };
    const spec: TrafficSpec = { ...bed.running.spec, options };
    expect(rest).not.toContain(misspelt);
    await unchanged(bed, async () => {
      const code = await refusal(async () => bed.driver.open(settingsOf(bed, spec)));
      expect(code).toBe("TRAFFIC_OPTION");
    });
  });
}

async function refuses(bed: Bed, balancer: Balancer, code: string): Promise<void> {
  await unchanged(bed, async () => {
    expect(await refusal(() => balancer.read())).toBe(code);
    const servers = code === "TRAFFIC_SERVER_UNKNOWN" ? { ghost: 1 } : {};
    const wanted = { web: { ...routing([1, 0, 0]).weights["web"], ...servers } };
    expect(await refusal(() => balancer.write({ weights: wanted }))).toBe(code);
  });
}
