import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseRecord } from "../../src/release/record.ts";
import { chooseRetained } from "../../src/release/retain.ts";

function record(id: number, state: ReleaseRecord["state"], wasLive = state === "good"): ReleaseRecord {
  return { id: String(20_260_000_000_000 + id), state, wasLive };
}

function retained(
  records: readonly ReleaseRecord[],
  keep: number,
  current: number | null,
): readonly number[] {
  const id = current === null ? null : String(20_260_000_000_000 + current);
  const chosen = chooseRetained(records, { current: id, keep, also: [] });
  return [...chosen].map((name) => Number(name) - 20_260_000_000_000).sort((a, b) => a - b);
}

describe("chooseRetained", () => {
  test("failed releases never push out a good one", () => {
    const records = [
      record(1, "good"),
      record(2, "good"),
      record(3, "failed"),
      record(4, "failed"),
      record(5, "failed"),
      record(6, "good"),
    ];
    expect(retained(records, 3, 6)).toEqual([1, 2, 4, 5, 6]);
  });

  test("keep: 1 still leaves the release to return to", () => {
    expect(retained([record(1, "good"), record(2, "good"), record(3, "good")], 1, 3)).toEqual([2, 3]);
  });

  test("after a rollback the live one stays though newer ones are there", () => {
    const records = [record(1, "good"), record(2, "good"), record(3, "bad", true), record(4, "good")];
    expect(retained(records, 2, 1)).toEqual([1, 3, 4]);
  });

  test("a release that was live and turned bad is no place to return to", () => {
    const records = [record(1, "good"), record(2, "bad", true), record(3, "bad", true), record(4, "good")];
    expect(retained(records, 2, 4)).toEqual([1, 2, 3, 4]);
  });

  test("one that is staged and newer than the live one is waiting for its switch; an older one is not", () => {
    expect(retained([record(1, "staged"), record(2, "good"), record(3, "staged")], 5, 2)).toEqual([2, 3]);
  });

  test("the live release and min(keep, all) that were live stay, whatever the history", () => {
    const states = fc.constantFrom<ReleaseRecord["state"]>(
      "staged",
      "live",
      "good",
      "failed",
      "bad",
      "staging",
    );
    const history = fc.array(fc.tuple(states, fc.boolean()), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 6 }), fc.nat(), (states, keep, pick) => {
        const records = states.map(([state, wasLive], index) => record(index, state, wasLive));
        const current = pick % records.length;
        const stay = retained(records, keep, current);
        const targets = records.filter(({ state, wasLive }) => wasLive && !["failed", "bad"].includes(state));
        const kept = targets.filter(({ id }) => stay.includes(Number(id) - 20_260_000_000_000));
        expect(stay).toContain(current);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(keep, targets.length) - 1);
      }),
    );
  });
});
