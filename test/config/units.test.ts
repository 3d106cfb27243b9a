import { expect, test } from "vitest";
import { parseDuration, parseSize } from "../../src/config/units.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["7d", 604_800_000],
  ["30", undefined],
  ["", undefined],
  ["30 s", undefined],
  ["30sec", undefined],
  ["-5s", undefined],
])("the duration %j is %j ms", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  ["512M", 512 * 1024 ** 2],
  ["512MB", 512 * 1024 ** 2],
  ["512 MiB", 512 * 1024 ** 2],
  ["1.5g", 1.5 * 1024 ** 3],
  ["800B", 800],
  ["512", undefined],
  ["M", undefined],
  ["5X", undefined],
])("the size %j is %j bytes", (text, expected) => {
  expect(parseSize(text)).toBe(expected);
});
