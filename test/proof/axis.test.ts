import { expect, test } from "vitest";
import { lengthText, tickText } from "../../src/proof/axis.ts";
import { timeAxis } from "../../src/proof/time-axis.ts";

test.each([
  [9000, ["0", "2s", "4s", "6s", "8s"]],
  [75_000, ["0", "10s", "20s", "30s", "40s", "50s", "1m", "1m10s"]],
  [3_600_000, ["0", "10m", "20m", "30m", "40m", "50m", "1h"]],
  [5 * 3_600_000, ["0", "1h", "2h", "3h", "4h", "5h"]],
  [86_400_000, ["0", "3h", "6h", "9h", "12h", "15h", "18h", "21h", "24h"]],
  [10 * 86_400_000, ["0", "48h", "96h", "144h", "192h", "240h"]],
])("an axis of %i ms has few and round ticks", (spanMs, texts) => {
  const axis = timeAxis([{ from: 0, to: spanMs }], { left: 0, right: 420, origin: 0 });
  expect(axis.ticks.map(({ text }) => text)).toEqual(texts);
});

test("a time is told to the second, without what is nothing", () => {
  expect([1500, 60_000, 61_000, 3_615_000, 3_900_000].map(tickText)).toEqual([
    "1.5s",
    "1m",
    "1m01s",
    "1h00m15s",
    "1h05m",
  ]);
});

test("a length is told as finely as it matters", () => {
  expect([40, 4260, 20_300, 185_000, 10_812_000].map(lengthText)).toEqual([
    "0.1s",
    "4.3s",
    "20s",
    "3m05s",
    "3h",
  ]);
});
