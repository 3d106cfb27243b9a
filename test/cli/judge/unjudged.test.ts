import { expect, test } from "vitest";
import { noteUnjudged } from "../../../src/cli/judge/unjudged.ts";
import { findFleet } from "../../simulation/fleets.ts";

const { rollout } = findFleet("canary, 2 hosts").goal;
const raw = {
  rollout: { strategy: "canary", batch: 1, capacity: "50%", surge: 1, bake: "1s", "keep-warm": "0s" },
} as const;

test("a canary that nobody can judge is told of; one that is judged, or meant to go by time, is not", () => {
  expect(noteUnjudged({ rollout, raw })).toMatchObject([{ code: "CANARY_UNJUDGED" }]);
  expect(noteUnjudged({ rollout: findFleet("canary, judged").goal.rollout, raw })).toEqual([]);
  const off = { rollout: { ...raw.rollout, canary: { hold: "5m", judge: false } } } as const;
  expect(noteUnjudged({ rollout, raw: off })).toEqual([]);
  expect(noteUnjudged({ rollout: { ...rollout, canary: { steps: [1], holdMs: 0 } }, raw })).toEqual([]);
  expect(noteUnjudged({ rollout: findFleet("rolling, 2 hosts").goal.rollout, raw })).toEqual([]);
});
