import { describe, expect, it } from "vitest";
import { Problem } from "../../src/problem.ts";
import { claimJournal } from "../../src/execute/claim.ts";
import type { Crash } from "../../src/execute/crash.ts";
import { openSharedJournal } from "../../src/execute/shared-journal.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import type { Journal } from "../../src/plan/fleet-port.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import { makeScenario, makeService, makeSpec } from "../simulation/scenario.ts";
import { type MemoryAnchor, memoryAnchor, memoryAnchors, raiseAll } from "./memory-anchor.ts";

const { goal } = makeScenario("journal", { spec: makeSpec([makeService("web")]) });

function beginning(epoch: number): JournalRecord {
  return { at: 1, kind: "begin", goal, epoch, operator: "a" };
}

function claim(epoch: number): JournalRecord & { kind: "claim" } {
  return { at: 2, kind: "claim", epoch, operator: `operator ${epoch}` };
}

function command(text: string): JournalRecord {
  return { at: 3, kind: "command", command: "resume", operator: text };
}

class Killed extends Error {}

function open(anchors: readonly MemoryAnchor[], crash?: Crash): Journal {
  const die = (): never => {
    throw new Killed();
  };
  return openSharedJournal(anchors, { id: "1", crash, die });
}

/** The first operator, with `more` records behind the begin. */
async function begun(anchors: readonly MemoryAnchor[], ...more: readonly string[]): Promise<Journal> {
  raiseAll(anchors, 1);
  const journal = open(anchors);
  await journal.append(beginning(1));
  for (const text of more) await journal.append(command(text));
  return journal;
}

async function takenOver(anchors: readonly MemoryAnchor[], epoch: number) {
  raiseAll(anchors, epoch);
  const journal = open(anchors);
  const records = await claimJournal(journal, claim(epoch));
  return { journal, said: wordsOf(records) };
}

function wordsOf(records: readonly JournalRecord[]): readonly string[] {
  return records.flatMap((record) => (record.kind === "command" ? [record.operator] : []));
}

function textsOf(anchors: readonly MemoryAnchor[]): readonly (string | undefined)[] {
  return anchors.map((anchor) => anchor.files.get("1"));
}

/** Ends when all that was begun has ended: stragglers are not waited for by an append. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

describe("a journal on three hosts", () => {
  it("is the same on all of them, in the order it was written", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors, "one", "ä");
    await settled();
    expect(new Set(textsOf(anchors)).size).toBe(1);
    expect(wordsOf(await open(anchors).read())).toEqual(["one", "ä"]);
    expect(wordsOf(await journal.read())).toEqual(["one", "ä"]);
  });
  it("keeps the order of what is written at the same moment", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors);
    const words = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(words.map((text) => journal.append(command(text))));
    await settled();
    expect(wordsOf(await open(anchors).read())).toEqual(words);
    expect(new Set(textsOf(anchors)).size).toBe(1);
  });
  it("does not wait for the slowest, which has it all in the end", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors);
    let wake = (): void => undefined;
    anchors[1].pause = new Promise((resolve) => (wake = resolve));
    await journal.append(command("one"));
    await journal.append(command("two"));
    expect(anchors[1].files.get("1")).not.toContain("one");
    wake();
    await settled();
    expect(new Set(textsOf(anchors)).size).toBe(1);
  });
  it.each(["full", "gone", "lost"] as const)("loses nothing while one of them is %s", async (fault) => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors, "one");
    anchors[0].fault = fault;
    await journal.append(command("two"));
    await journal.append(command("three"));
    expect(wordsOf(await open(anchors).read())).toEqual(["one", "two", "three"]);
    anchors[0].fault = "none";
    await journal.append(command("four"));
    await settled();
    expect(new Set(textsOf(anchors)).size).toBe(1);
    expect(wordsOf(await open(anchors).read())).toEqual(["one", "two", "three", "four"]);
  });
  it("says how to reach those that cannot be reached, and then the way out", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors);
    const lost = new Problem({
      code: "HOST_SILENT",
      what: "web1 does not answer.",
      fix: "Check its network.",
    });
    for (const anchor of anchors.slice(1)) anchor.pause = Promise.reject(lost);
    await expect(journal.append(command("one"))).rejects.toMatchObject({
      detail: {
        fix: "Check its network. Then cutover resume finishes it, cutover abort undoes it.",
      },
    });
  });
  it("stops when most of them cannot write, and says what each of them said", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors);
    anchors[0].fault = "full";
    anchors[2].fault = "gone";
    await expect(journal.append(command("one"))).rejects.toMatchObject({
      detail: {
        code: "JOURNAL_UNWRITABLE",
        why: expect.stringMatching(/disk of web1 is full.*web3 is gone/),
      },
    });
  });
  it("is not read from fewer than most of them", async () => {
    const anchors = memoryAnchors();
    await begun(anchors, "one");
    anchors[0].fault = "gone";
    anchors[1].fault = "gone";
    await expect(open(anchors).read()).rejects.toMatchObject({
      detail: { code: "JOURNAL_UNREADABLE", exit: 3, why: "web1 is gone. web2 is gone." },
    });
  });
});

describe("an operator who was stopped for a while", () => {
  it("writes nothing more once another one has raised the epoch", async () => {
    const anchors = memoryAnchors();
    const old = await begun(anchors, "one");
    const { journal } = await takenOver(anchors, 2);
    const before = textsOf(anchors);
    await expect(old.append(command("stale"))).rejects.toMatchObject({
      detail: { code: "LOCK_STALE", exit: 6, why: expect.stringContaining("has accepted epoch 2") },
    });
    expect(textsOf(anchors)).toEqual(before);
    await journal.append(command("new"));
    expect(wordsOf(await open(anchors).read())).toEqual(["one", "new"]);
  });
  it("cannot claim the journal of a newer one", async () => {
    const anchors = memoryAnchors();
    await begun(anchors);
    await takenOver(anchors, 3);
    await expect(claimJournal(open(anchors), claim(2))).rejects.toMatchObject({
      detail: { code: "LOCK_STALE" },
    });
    expect(foldFacts(await open(anchors).read()).epoch).toBe(3);
  });
});

describe("copies that differ", () => {
  it("an older one is brought up to the others before anything is added", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors, "one");
    anchors[0].fault = "gone";
    await journal.append(command("two"));
    anchors[0].fault = "none";
    const { said } = await takenOver(anchors, 2);
    await settled();
    expect(said).toEqual(["one", "two"]);
    expect(new Set(textsOf(anchors)).size).toBe(1);
  });
  it("a record that only one of them has may count, and then counts on all", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors, "one");
    anchors[1].fault = "gone";
    anchors[2].fault = "gone";
    await expect(journal.append(command("lonely"))).rejects.toThrow("could not be written");
    for (const anchor of anchors) anchor.fault = "none";
    const { said, journal: next } = await takenOver(anchors, 2);
    expect(said).toEqual(["one", "lonely"]);
    await next.append(command("two"));
    await settled();
    expect(new Set(textsOf(anchors)).size).toBe(1);
  });
  it("a record that was passed over never comes back, however long that copy is", async () => {
    const anchors = memoryAnchors();
    const journal = await begun(anchors, "one");
    anchors[1].fault = "gone";
    anchors[2].fault = "gone";
    await expect(journal.append(command("lonely"))).rejects.toThrow("could not be written");
    const [stray, ...others] = anchors;
    stray.fault = "gone";
    for (const anchor of others) anchor.fault = "none";
    // Same length as the stray copy: the newer claim decides.
    await takenOver(anchors, 2);
    others[0].fault = "gone";
    stray.fault = "none";
    const { said, journal: next } = await takenOver(anchors, 3);
    expect(said).toEqual(["one"]);
    others[0].fault = "none";
    raiseAll(anchors, 3);
    await next.append(command("two"));
    await settled();
    expect(new Set(textsOf(anchors)).size).toBe(1);
    expect(wordsOf(await open(anchors).read())).toEqual(["one", "two"]);
  });
  it("a damaged one is made good from the others", async () => {
    const anchors = memoryAnchors();
    await begun(anchors, "one", "two");
    anchors[0].files.set("1", (anchors[0].files.get("1") ?? "").replace('"one"', '"owe"'));
    const { said } = await takenOver(anchors, 2);
    await settled();
    expect(said).toEqual(["one", "two"]);
    expect(new Set(textsOf(anchors)).size).toBe(1);
  });
  it("damage on the only host is told and not passed over", async () => {
    const anchors = [memoryAnchor("web1")];
    await begun(anchors, "one", "two");
    anchors[0]?.files.set("1", (anchors[0].files.get("1") ?? "").replace('"one"', '"owe"'));
    await expect(open(anchors).read()).rejects.toMatchObject({ detail: { code: "JOURNAL_CORRUPT" } });
  });
});

describe("a crash of the operator", () => {
  it.each([
    ["before", []],
    ["torn", []],
    ["after", ["one"]],
  ] as const)("%s a record is on the hosts leaves a legal journal", async (moment, expected) => {
    const anchors = memoryAnchors();
    raiseAll(anchors, 1);
    const journal = open(anchors, { record: 2, moment });
    await journal.append(beginning(1));
    await expect(journal.append(command("one"))).rejects.toThrow(Killed);
    if (moment === "torn") expect(anchors[2].files.get("1")).toMatch(/[^\n]$/);
    const { said, journal: next } = await takenOver(anchors, 2);
    expect(said).toEqual(expected);
    await next.append(command("two"));
    await settled();
    expect(new Set(textsOf(anchors)).size).toBe(1);
    expect(wordsOf(await open(anchors).read())).toEqual([...expected, "two"]);
  });
});
