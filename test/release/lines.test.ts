import { expect, test } from "vitest";
import { splitLines } from "../../src/release/lines.ts";

function linesOf(...chunks: readonly (string | Buffer)[]): readonly string[] {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(Buffer.from(chunk));
  splitter.end();
  return lines;
}

test("a line may arrive in pieces, even a letter may", () => {
  const euro = Buffer.from("€\n");
  expect(linesOf("a", "b\nc", euro.subarray(0, 1), euro.subarray(1), "rest")).toEqual(["ab", "c€", "rest"]);
});

test("of a line that is drawn over again the last drawing counts", () => {
  expect(linesOf("10%\r50%\r100%\n", "done\r\n")).toEqual(["100%", "done"]);
});

test("a line without end is told in parts instead of being kept in memory", () => {
  expect(linesOf("x".repeat(20_000), "y\n").map((line) => line.length)).toEqual([20_000, 1]);
});
