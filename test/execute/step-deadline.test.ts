import { expect, it } from "vitest";
import { deadlineMs } from "../../src/plan/deadline.ts";
import { createBench } from "../simulation/bench.ts";
import { makeScenario, makeService, makeSpec } from "../simulation/scenario.ts";

it("a step that nobody answers is unknown at its deadline, and is tried again behind a new barrier", async () => {
  const bench = createBench(makeScenario("redeploy", { spec: makeSpec([makeService("web")]) }));
  const asked: { readonly what: string; readonly at: number; readonly epoch: number }[] = [];
  const { end } = await bench.deploy({
    through: (fleet) => ({
      raiseEpoch: (operator) => fleet.raiseEpoch(operator),
      observe: () => fleet.observe(),
      async apply(effect, epoch) {
        const { at } = await fleet.observe();
        asked.push({ what: `${effect.layer} ${effect.verb}`, at, epoch });
        return asked.length === 1 ? await new Promise(() => undefined) : await fleet.apply(effect, epoch);
      },
    }),
  });
  expect(end).toBe("new");
  const [first, second] = asked;
  expect(second?.what).toBe(first?.what);
  expect(second?.epoch).toBeGreaterThan(first?.epoch ?? 0);
  const stage = {
    layer: "release",
    verb: "stage",
    host: "here",
    release: bench.scenario.goal.release,
  } as const;
  const waited = (second?.at ?? 0) - (first?.at ?? 0);
  expect(waited).toBeGreaterThanOrEqual(deadlineMs(stage, bench.scenario.goal));
});
