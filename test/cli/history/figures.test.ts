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

test("a rollback that failed at first has restored the service when a second one, or a fixed release, took its place", () => {
  const failed: Deployment = { ...deploy(4), kind: "rollback", release: "r9", previous: "r5", end: "old" };
  const second: Deployment = {
    ...failed,
    startedAt: now - 3 * day,
    endedAt: now - 3 * day,
    end: "new",
  };
  const fixed = deploy(3, { previous: "r5" });
  expect(deliveryFigures([deploy(5), failed], month)).toMatchObject({ failed: 1, restoreMs: null });
  const restored = deliveryFigures([deploy(5), failed, second], month);
  expect(restored).toMatchObject({ failed: 1, restoreMs: 2 * day - minute });
  expect(figureLines(restored)[4]).toBe(
    "  Time to restore: 1d23h (median), from the first client on the failed release until another one served.",
  );
  expect(deliveryFigures([deploy(5), failed, fixed], month)).toMatchObject({
    live: 2,
    failed: 1,
    restoreMs: 2 * day + minute,
  });
  expect(deliveryFigures([deploy(5), fixed], month)).toMatchObject({ failed: 0 });
});

/** Fifty a day, evenly, of which the newest so many were read. */
function fiftyADay(read: number): readonly Deployment[] {
  return Array.from({ length: read }, (_, i) => deploy((read - i) / 50));
}

test("where older ones were not read the figures begin at the oldest that was, and say so", () => {
  const figures = deliveryFigures(fiftyADay(100), { ...month, isCut: true });
  expect(figures).toMatchObject({ live: 100, perWeek: 350, newest: 100, from: now - 2 * day });
  expect(figureLines(figures).slice(0, 2)).toEqual([
    "In the last 2 days, with the newest 100 deployments (-n 200 reads more):",
    "  Deployment frequency: 100 deploys went live, 350 a week.",
  ]);
  const hours = deliveryFigures(fiftyADay(10), { ...month, isCut: true });
  expect(figureLines(hours)[0]).toBe("In the last 4h48m, with the newest 10 deployments (-n 20 reads more):");
  expect(hours.perWeek).toBe(70);
});

test("days that were read in full are told in full, however few they are", () => {
  const figures = deliveryFigures(fiftyADay(500), { days: 2, now, isCut: true });
  expect(figures).toMatchObject({ live: 100, perWeek: 350, newest: null, from: now - 2 * day });
  expect(figureLines(figures)[0]).toBe("In the last 2 days:");
});

test("without a deployment there is nothing to say", () => {
  expect(figureLines(deliveryFigures([], month))).toEqual([]);
});
