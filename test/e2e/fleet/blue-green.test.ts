import { describe, expect, test } from "vitest";
import { missingForBed } from "./bed/missing.ts";
import { findings } from "./blue-green/findings.ts";
import { play } from "./blue-green/play.ts";
import { createTeller } from "./blue-green/teller.ts";

describe.skipIf(missingForBed(["nginx", "java", "javac"]).length > 0)("examples/blue-green", () => {
  test("fails on green unnoticed, is fixed, shows itself to phones first, then to everyone, and leaves nginx as it was", async () => {
    const told: string[] = [];
    const teller = createTeller({
      isColoured: false,
      columns: Infinity,
      write: (line) => told.push(line),
    });
    const played = await play(teller, new AbortController().signal).catch((error: unknown) => {
      throw new Error(told.join("\n"), { cause: error });
    });
    console.log(told.join("\n"));
    expect(findings(played), told.join("\n")).toEqual([]);
  }, 300_000);
});
