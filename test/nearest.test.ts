import { expect, test } from "vitest";
import { nearest } from "../src/nearest.ts";

test.each([
  ["delpoy", "deploy"],
  ["lst", "list"],
  ["rollbak", "rollback"],
  ["relaese", "releases"],
  ["rel", "reload"],
])("the nearest known word to %s is %s", (word, expected) => {
  expect(nearest(word, ["deploy", "list", "rollback", "reload", "releases"])).toBe(expected);
});

test("a word far from everything has no nearest", () => {
  expect(nearest("banana", ["deploy", "list"])).toBeUndefined();
});
