import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeLine, firstHash, hashLine, readLines } from "../../src/execute/journal-lines.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import type { JournalRecord } from "../../src/plan/record.ts";

function command(at: number, text: string): JournalRecord {
  return { at, kind: "command", command: "resume", operator: text };
}

function encodeAll(records: readonly JournalRecord[]): Buffer {
  let hash = firstHash;
  const lines = records.map((record) => {
    const line = encodeLine(hash, record);
    hash = hashLine(line);
    return line;
  });
  return Buffer.from(lines.join(""));
}

const anyRecords = fc
  .array(fc.tuple(fc.nat(), fc.string({ unit: "binary" })), { minLength: 1, maxLength: 8 })
  .map((pairs) => pairs.map(([at, text]) => command(at, text)));

describe("the lines of a journal", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        expect(readLines(encodeAll(records), "j").records).toEqual(records);
      }),
    );
  });
  it("stay legal when cut at any byte: whole records are kept, the torn one is dropped", () => {
    fc.assert(
      fc.property(anyRecords, fc.double({ min: 0, max: 1, noNaN: true }), (records, share) => {
        const bytes = encodeAll(records);
        const cut = bytes.subarray(0, Math.floor(bytes.length * share));
        const text = readLines(cut, "j");
        expect(text.records).toEqual(records.slice(0, text.records.length));
        expect(encodeAll(text.records).length).toBe(text.tail.bytes);
        expect(text.notes).toHaveLength(text.tail.bytes < cut.length ? 1 : 0);
        expect(() => foldFacts(text.records)).not.toThrow();
      }),
    );
  });
  it("never count a line in which any byte was changed", () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(), fc.integer({ min: 1, max: 255 }), (records, position, change) => {
        const bytes = encodeAll(records);
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        let kept: readonly JournalRecord[] = [];
        try {
          kept = readLines(bytes, "j").records;
        } catch (error) {
          expect(error).toMatchObject({ detail: { code: "JOURNAL_CORRUPT" } });
          return;
        }
        expect(kept).toEqual(records.slice(0, kept.length));
        expect(kept.length).toBeLessThan(records.length);
      }),
    );
  });
  it("refuse damage that good lines follow, naming the line", () => {
    const [one = "", two = "", three = ""] = encodeAll([command(1, "a"), command(2, "b"), command(3, "c")])
      .toString()
      .split("\n");
    const damaged = Buffer.from([one, two.replace("resume", "rescue"), three, ""].join("\n"));
    expect(() => readLines(damaged, "j")).toThrow("Line 2 of j is damaged");
    expect(() => readLines(Buffer.from([one, three, ""].join("\n")), "j")).toThrow("Line 2 of j is damaged");
  });
});

describe("a line that was written by an operator already overtaken", () => {
  it("does not count, and what follows it does", () => {
    const first = encodeLine(firstHash, command(1, "a"));
    const second = encodeLine(hashLine(first), command(2, "b"));
    const fork = encodeLine(hashLine(first), command(3, "stale"));
    const third = encodeLine(hashLine(second), command(4, "c"));
    const text = readLines(Buffer.from(first + second + fork + third), "j");
    expect(text.records).toEqual([command(1, "a"), command(2, "b"), command(4, "c")]);
    expect(text.notes[0]).toContain("already overtaken");
  });
});
