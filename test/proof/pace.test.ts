import { expect, test, vi } from "vitest";
import { pace } from "../../src/proof/pace.ts";

/** Holds the processor, as sending a request does. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("a rate that nobody can keep leaves the process time for all else, and tells how late it is", async () => {
  const lates: number[] = [];
  let calls = 0;
  const due = (): void => {
    calls++;
    work(2);
  };
  const stop = pace(10_000, due, (_, lateMs) => lates.push(lateMs));
  // Without turns of their own these timers would never come.
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  stop();
  const called = calls;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([called > 8, calls]).toEqual([true, called]);
  // Nothing is skipped, so of all that was due by then most still waits, and the next one ever longer.
  expect(lates.length).toBeGreaterThan(3);
  expect(lates.toSorted((one, other) => one - other)).toEqual(lates);
});

test("a rate that can be kept is told late by nobody", async () => {
  const lates: number[] = [];
  let calls = 0;
  const stop = pace(
    100,
    () => calls++,
    (_, lateMs) => lates.push(lateMs),
  );
  await vi.waitFor(() => expect(calls).toBeGreaterThan(10));
  stop();
  expect(lates).toEqual([]);
});
