import { encodeLine, firstHash, hashLine, readLines } from "../../src/execute/journal-lines.ts";
import { staleJournalProblem } from "../../src/execute/trouble.ts";
import type { Journal } from "../../src/plan/fleet-port.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import type { Crash } from "../../src/execute/crash.ts";

/** What a disk would hold, shared by the journals of several operators. */
export interface Disk {
  bytes: Buffer;
}

export class Killed extends Error {}

/** The production format on a disk in memory; `crash` kills this operator at its n-th append. */
export function createMemoryJournal(disk: Disk, crash?: Crash): Journal {
  let tail = { hash: firstHash, bytes: 0 };
  let written = 0;
  let isDead = false;
  const read = (): readonly JournalRecord[] => {
    const text = readLines(disk.bytes, "the journal");
    tail = text.tail;
    return text.records;
  };
  read();
  const append = (record: JournalRecord): void => {
    if (isDead) throw new Killed();
    written += 1;
    const moment = crash?.record === written ? crash.moment : undefined;
    isDead = moment !== undefined;
    if (moment === "before") throw new Killed();
    if (readLines(disk.bytes, "the journal").tail.bytes !== tail.bytes)
      throw staleJournalProblem("the journal");
    const line = Buffer.from(encodeLine(tail.hash, record));
    const part = moment === "torn" ? line.subarray(0, line.length >> 1) : line;
    disk.bytes = Buffer.concat([disk.bytes.subarray(0, tail.bytes), part]);
    if (moment !== undefined) throw new Killed();
    tail = { hash: hashLine(line.toString()), bytes: tail.bytes + line.length };
  };
  return {
    read: () => new Promise((resolve) => resolve(read())),
    append: (record) =>
      new Promise((resolve) => {
        append(record);
        resolve();
      }),
  };
}
