import { describe, expect, test } from "vitest";
import { activeFreeze } from "../../src/config/freeze.ts";

const weekend = { from: "Fri 18:00", to: "Mon 08:00", zone: "Europe/Berlin" };

describe("freeze windows", () => {
  test.each([
    ["2026-11-20T16:59:00Z", false], // Friday 17:59 in Berlin
    ["2026-11-20T17:00:00Z", true],
    ["2026-11-22T12:00:00Z", true],
    ["2026-11-23T06:59:00Z", true],
    ["2026-11-23T07:00:00Z", false],
    ["2026-07-17T15:59:00Z", false], // summer time: Friday 17:59
    ["2026-07-17T16:00:00Z", true],
  ])("at %s the weekend window is active: %s", (now, isActive) => {
    expect(activeFreeze([weekend], new Date(now)) !== undefined).toBe(isActive);
  });

  test("a window of no length never holds", () => {
    const empty = { from: "Mon 08:00", to: "Mon 08:00", zone: "UTC" };
    expect(activeFreeze([empty], new Date("2026-11-23T08:00:00Z"))).toBeUndefined();
  });
});
