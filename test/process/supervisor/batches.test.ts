import { expect, it } from "vitest";
import { batches } from "../../../src/process/supervisor/batches.ts";

it("replaces up to four at once, more in four batches", () => {
  expect([1, 4, 5, 8, 10].map(batches)).toEqual([[1], [4], [2, 4, 5], [2, 4, 6, 8], [3, 6, 9, 10]]);
});
