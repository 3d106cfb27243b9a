import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimJournal } from "../../src/execute/claim.ts";
import { findUnended, newestDamage, lastHash, listJournals, readHistory } from "../../src/execute/history.ts";
import { encodeLine, firstHash, hashLine, readLines } from "../../src/execute/journal-lines.ts";
import { openJournal } from "../../src/execute/journal.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import { makeScenario, makeService, makeSpec, newRelease } from "../simulation/scenario.ts";

const { goal } = makeScenario("journal", { spec: makeSpec([makeService("web")]) });
const beginRecord: JournalRecord = { at: 1, kind: "begin", goal, epoch: 1, operator: "a" };

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

describe("the journal of a deployment", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "cutover-journal-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is a private file that any operator reads back", async () => {
    const journal = await openJournal({ directory: join(directory, "journal"), id: "1" });
    await journal.append(beginRecord);
    await journal.append(command(2, "ä"));
    const other = await openJournal({ directory: join(directory, "journal"), id: "1" });
    expect(await other.read()).toEqual([beginRecord, command(2, "ä")]);
    expect((await stat(journal.path)).mode & 0o777).toBe(0o600);
  });
  it("drops a torn end with a note and cuts it off before the next record", async () => {
    const journal = await openJournal({ directory, id: "1" });
    await journal.append(beginRecord);
    await appendFile(journal.path, '{"length":70,"crc":"12');
    const other = await openJournal({ directory, id: "1" });
    expect(await other.read()).toEqual([beginRecord]);
    expect(other.notes()[0]).toContain("torn by a crash");
    await other.append(command(2, "b"));
    expect((await other.read()).length).toBe(2);
    expect(other.notes()).toEqual([]);
  });
  it("refuses the append of an operator who has not read what another wrote", async () => {
    const old = await openJournal({ directory, id: "1" });
    await old.append(beginRecord);
    const newer = await openJournal({ directory, id: "1" });
    await newer.append(command(2, "newer"));
    await expect(old.append(command(3, "old"))).rejects.toMatchObject({
      detail: { code: "LOCK_STALE", exit: 6 },
    });
    expect(await newer.read()).toEqual([beginRecord, command(2, "newer")]);
  });
  it("takes the record of one of two that append at the same moment", async () => {
    const journals = [await openJournal({ directory, id: "1" }), await openJournal({ directory, id: "1" })];
    await journals[0]?.append(beginRecord);
    for (let round = 1; round <= 20; round += 1) {
      await Promise.all(journals.map((journal) => journal.read()));
      const appends = journals.map((journal, who) => journal.append(command(round, String(who))));
      const settled = await Promise.allSettled(appends);
      const winner = settled.findIndex((one) => one.status === "fulfilled");
      expect(settled.filter((one) => one.status === "fulfilled")).toHaveLength(1);
      expect((await journals[0]?.read())?.at(-1)).toEqual(command(round, String(winner)));
    }
  });
  it("does not count a line that two wrote at once and that came second", async () => {
    const journal = await openJournal({ directory, id: "1" });
    await journal.append(beginRecord);
    const before = await readFile(journal.path);
    await journal.append(command(2, "first"));
    const fork = encodeLine(hashLine(before.toString()), command(3, "second"));
    await appendFile(journal.path, fork);
    const other = await openJournal({ directory, id: "1" });
    expect(await other.read()).toEqual([beginRecord, command(2, "first")]);
    expect(other.notes()[0]).toContain("already overtaken");
    await other.append(command(4, "third"));
    expect(await other.read()).toHaveLength(3);
  });
  it("accepts the claim of the higher epoch only", async () => {
    const journal = await openJournal({ directory, id: "1" });
    await journal.append(beginRecord);
    const late = await openJournal({ directory, id: "1" });
    await claimJournal(journal, { at: 2, kind: "claim", epoch: 3, operator: "c" });
    const claim = claimJournal(late, { at: 3, kind: "claim", epoch: 2, operator: "b" });
    await expect(claim).rejects.toMatchObject({ detail: { code: "LOCK_STALE" } });
    expect(foldFacts(await journal.read()).epoch).toBe(3);
  });
  it("continues the chain of the deployment before, and history tells them in order", async () => {
    for (const id of ["2", "10"]) {
      const journal = await openJournal({ directory, id, seed: await lastHash(directory) });
      await journal.append({ ...beginRecord, at: Number(id), goal: { ...goal, id } });
      if (id === "2") await journal.append({ at: 30, kind: "end", end: "new" });
    }
    await writeFile(join(directory, "notes.txt"), "");
    expect(await listJournals(directory)).toEqual(["2", "10"]);
    const second = await readFile(join(directory, "10.ndjson"), "utf8");
    expect(second).toContain(
      `"prev":"${hashLine((await readFile(join(directory, "2.ndjson"), "utf8")).split("\n")[1] ?? "")}"`,
    );
    const history = await readHistory(directory);
    expect(history.deployments).toMatchObject([
      { id: "2", kind: "deploy", release: newRelease, end: "new", durationMs: 28 },
      { id: "10", end: null },
    ]);
    expect(findUnended(history)).toMatchObject({ id: "10" });
  });
  it("tells a damaged journal apart and still lists the others", async () => {
    const journal = await openJournal({ directory, id: "1" });
    await journal.append(beginRecord);
    await journal.append(command(2, "b"));
    await writeFile(journal.path, (await readFile(journal.path, "utf8")).replace('"at":1', '"at":7'));
    const history = await readHistory(directory);
    expect(history).toMatchObject({
      deployments: [],
      damaged: [{ id: "1", problem: { code: "JOURNAL_CORRUPT" } }],
    });
    expect(await newestDamage(directory, history)).toMatchObject({ code: "JOURNAL_CORRUPT" });
    await (await openJournal({ directory, id: "2" })).append(beginRecord);
    expect(await newestDamage(directory, await readHistory(directory))).toBeNull();
  });
});
