import { expect, test } from "vitest";
import { type Stretch, timeAxis } from "../../src/proof/time-axis.ts";

const place = { left: 64, right: 944, origin: 0 };
const hour = 3_600_000;
const minute = 60_000;

/** In seconds. */
function stretch(from: number, to: number): Stretch {
  return { from: from * 1000, to: to * 1000 };
}

test("a short gap is drawn to the scale of what is around it", () => {
  const axis = timeAxis([stretch(0, 40), stretch(60, 88)], place);
  expect(axis.cuts).toEqual([]);
  expect([0, 40, 60, 88].map((second) => axis.x(second * 1000))).toEqual([64, 464, 664, 944]);
});

test("a gap of hours leaves the room to what happened, which keeps one scale, and its place and length can be told", () => {
  const axis = timeAxis([stretch(0, 20), stretch(10_820, 10_840), stretch(21_640, 21_680)], place);
  expect(axis.cuts).toMatchObject([stretch(20, 10_820), stretch(10_840, 21_640)]);
  const at = [0, 20, 10_820, 10_840, 21_640, 21_680].map((second) => axis.x(second * 1000));
  const [first = 0, second = 0, third = 0] = [0, 2, 4].map((i) => (at[i + 1] ?? 0) - (at[i] ?? 0));
  expect(second).toBeCloseTo(first);
  expect(third).toBeCloseTo(2 * first);
  expect(first + second + third).toBeGreaterThan(0.7 * 880);
  expect(at).toEqual(at.toSorted((one, other) => one - other));
  expect(at.at(-1)).toBeCloseTo(944);
  expect(axis.x(5_420_000)).toBeCloseTo(((at[1] ?? 0) + (at[2] ?? 0)) / 2);
});

test("a gap that nobody would see is drawn wider, and said to be", () => {
  const axis = timeAxis([stretch(0, 7200), stretch(7204, 7224), stretch(7230, 8430)], place);
  expect(axis.cuts).toMatchObject([stretch(7200, 7204), stretch(7224, 7230)]);
  for (const { from, to } of axis.cuts) expect(axis.x(to) - axis.x(from)).toBeCloseTo(18);
});

test("stretches that touch or overlap leave no gap", () => {
  const axis = timeAxis([stretch(20, 44), stretch(0, 22)], place);
  expect(axis.cuts).toEqual([]);
  expect(axis.x(44_000)).toBeCloseTo(944);
});

test.each([
  ["one run", [stretch(0, 24)]],
  ["a gap of 20 s", [stretch(0, 12), stretch(32, 50)]],
  ["gaps of 3 h", [stretch(0, 14), stretch(10_814, 10_826), stretch(21_626, 21_644)]],
  ["a run of seconds between hours", [stretch(0, 7200), stretch(7204, 7224), stretch(7230, 8430)]],
  ["nine runs", Array.from({ length: 9 }, (_, i) => stretch(i * 100, i * 100 + 8))],
  ["thirty runs", Array.from({ length: 30 }, (_, i) => stretch(i * 5000, i * 5000 + 8))],
])("the numbers of an axis of %s never cover each other, and none stands in a break", (_what, stretches) => {
  const { ticks, cuts, x } = timeAxis(stretches, place);
  const half = (text: string): number => (text.length * 6.4) / 2;
  expect(ticks.length).toBeGreaterThan(3);
  for (const [i, tick] of ticks.entries()) {
    const next = ticks[i + 1];
    if (next !== undefined) expect(next.x - half(next.text)).toBeGreaterThan(tick.x + half(tick.text) + 5);
    expect(tick.x + half(tick.text)).toBeLessThanOrEqual(960);
    for (const { from, to } of cuts) expect(tick.x > x(from) + 0.5 && tick.x < x(to) - 0.5).toBe(false);
  }
});

test("numbers count from the beginning, through every break", () => {
  const stretches = [
    { from: 0, to: minute },
    { from: 3 * hour, to: 3 * hour + minute },
  ];
  expect(timeAxis(stretches, place).ticks.map(({ text }) => text)).toEqual([
    "0",
    "20s",
    "40s",
    "1m",
    "3h",
    "3h00m20s",
    "3h00m40s",
  ]);
});
