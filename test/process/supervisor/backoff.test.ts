import { expect, it } from "vitest";
import { isCrashLoop, restartDelayMs } from "../../../src/process/supervisor/backoff.ts";

const restart = { auto: true, maxInRow: 5, firstDelayMs: 100, maxDelayMs: 10_000 };

it("doubles the pause from the first, then waits longest once it counts as a crash loop", () => {
  const delays = [1, 2, 3, 4, 5, 1000].map((inRow) => restartDelayMs(restart, inRow));
  expect(delays).toEqual([100, 200, 400, 800, 10_000, 10_000]);
  expect([4, 5].map((inRow) => isCrashLoop(restart, inRow))).toEqual([false, true]);
});

it("never waits longer than the longest", () => {
  expect(restartDelayMs({ ...restart, maxInRow: 100, maxDelayMs: 300 }, 50)).toBe(300);
});
