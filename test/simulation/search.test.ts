import { describe, expect, it } from "vitest";
import { search } from "./search.ts";
import { production, scenarios } from "./scenarios.ts";

describe("exhaustive search", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
    const t = Date.now();
    const found = search(scenario, production, { operators: 2, deaths: 1, losses: 0, maxStates: 300_000 });
    console.log(scenario.name, found.states, found.recoveries, [...found.ends].join(), Date.now() - t, "ms");
    expect(found.violation).toBe(null);
  });
});
