import { describe, expect, test, vi } from "vitest";
import { isProblem } from "../../../src/problem.ts";
import { schedule } from "../../../src/process/supervisor/cron.ts";

describe("schedule", () => {
  test("runs at the times of the pattern until it is stopped", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-01T03:59:58Z") });
    try {
      let runs = 0;
      const job = await schedule("* * * * * *", () => {
        runs += 1;
      });
      expect(job.next()).toBe(Date.parse("2026-03-01T03:59:59Z"));
      await vi.advanceTimersByTimeAsync(3500);
      job.stop();
      await vi.advanceTimersByTimeAsync(3500);
      expect(runs).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a failing task does not end the schedule", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-01T00:00:00Z") });
    try {
      let runs = 0;
      const job = await schedule("* * * * * *", async () => {
        runs += 1;
        await Promise.reject(new Error("no"));
      });
      await vi.advanceTimersByTimeAsync(3500);
      job.stop();
      expect(runs).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each(["", "often", "61 * * * *", "* * *"])("%j is refused with an example", async (pattern) => {
    const error: unknown = await schedule(pattern, () => undefined).catch((reason: unknown) => reason);
    expect(isProblem(error) && error.detail.code).toBe("CRON_INVALID");
  });
});
