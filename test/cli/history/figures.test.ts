import { expect, test } from "vitest";
import { deliveryFigures } from "../../../src/cli/history/figures.ts";
import { figureLines } from "../../../src/cli/history/text.ts";
import type { Deployment } from "../../../src/execute/history.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 21, 12);

/** A deploy so many days ago that took two minutes, with clients on the new release after the first. */
function deploy(daysAgo: number, change: Partial<Deployment> = {}): Deployment {
  const startedAt = now - daysAgo * day;
  return {
    id: String(100 - daysAgo),
    kind: "deploy",
    release: `r${daysAgo}`,
    previous: `r${daysAgo + 1}`,
    revision: "9f31c02",
    operator: "ada",
    committedAt: startedAt - hour,
    reachedAt: startedAt + minute,
    end: "new",
    startedAt,
    endedAt: startedAt + 2 * minute,
    durationMs: 2 * minute,
    problem: null,
    stage: null,
    verdicts: [],
    ...change,
  };
}

const month = { days: 30, now };

test("deploys that went live make the frequency, their commits the lead time", () => {
  const all = [deploy(40), deploy(20), deploy(10, { committedAt: null }), deploy(5)];
  const figures = deliveryFigures(all, month);
  expect(figures).toMatchObject({ live: 3, leadMs: hour + 2 * minute, leadKnown: 2, changes: 3, failed: 0 });
  expect(figures.perWeek).toBeCloseTo((3 / 30) * 7);
  expect(figureLines(figures)).toEqual([
    "In the last 30 days:",
    "  Deployment frequency: 3 deploys went live, 0.7 a week.",
    "  Lead time, from commit to live: 1h02m (median of 2).",
    "  Change failure rate: 0 % (0 of 3 that reached clients).",
    "  Time to restore: nothing had to be restored.",
  ]);
});

test("a week is the least that a frequency is told of", () => {
  expect(deliveryFigures([deploy(1)], month)).toMatchObject({ live: 1, perWeek: 1, from: now - 7 * day });
});

test("a change failed when it was undone in front of clients, or rolled back later", () => {
  const back: Deployment = {
    ...deploy(4),
    kind: "rollback",
    release: "r9",
    previous: "r5",
    reachedAt: now - 4 * day,
  };
  const all = [deploy(8), deploy(7, { end: "old" }), deploy(5), back, deploy(3)];
  const figures = deliveryFigures(all, month);
  expect(figures).toMatchObject({ live: 3, changes: 4, failed: 2, failureRate: 0.5 });
  // One minute, and a day with the one minute more that the rollback took.
  expect(figures.restoreMs).toBe((minute + day + minute) / 2);
  expect(figureLines(figures)[3]).toBe("  Change failure rate: 50 % (2 of 4 that reached clients).");
});

test("what was stopped before any client met it is no failed change", () => {
  const figures = deliveryFigures([deploy(8), deploy(2, { end: "old", reachedAt: null })], month);
  expect(figures).toMatchObject({ live: 1, changes: 1, failed: 0, caught: 1 });
  expect(figureLines(figures)[3]).toBe(
    "  Change failure rate: 0 % (0 of 1 that reached clients). 1 more was stopped before any client met it.",
  );
});

test("a failure nobody has answered yet is not restored", () => {
  const back: Deployment = { ...deploy(1), kind: "rollback", previous: "r2", end: "paused" };
  const figures = deliveryFigures([deploy(2), back], month);
  expect(figures).toMatchObject({ failed: 1, restoreMs: null });
  expect(figureLines(figures)[4]).toBe("  Time to restore: not restored yet.");
});

test("without a deployment there is nothing to say", () => {
  expect(figureLines(deliveryFigures([], month))).toEqual([]);
});
