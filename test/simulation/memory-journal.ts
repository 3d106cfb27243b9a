import { encodeLine, firstHash, hashLine, readLines } from "../../src/execute/journal-lines.ts";
import { staleJournalProblem } from "../../src/execute/trouble.ts";
import type { Journal } from "../../src/plan/fleet-port.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import type { Crash } from "../../src/execute/crash.ts";

/** What a disk would hold, shared by the journals of several operators. */
export interface Disk {
  bytes: Buffer;
  /** Counts the appends, so that whoever missed one is refused. */
  version: number;
  /** What a reader would find, kept beside so that a test need not read. */
  records: readonly JournalRecord[];
}

export class Killed extends Error {}

/** What is on the disk while a record is written (half of it), and when it is. */
export type SeeAppend = (bytes: Buffer, moment: "torn" | "after") => void;

/** The production format on a disk in memory; `crash` kills this operator at its n-th append. */
export function createMemoryJournal(disk: Disk, crash?: Crash, see: SeeAppend = () => undefined): Journal {
  let tail = { hash: firstHash, bytes: 0 };
  let version = -1;
  let written = 0;
  let isDead = false;
  const read = (): readonly JournalRecord[] => {
    const text = readLines(disk.bytes, "the journal");
    tail = text.tail;
    version = disk.version;
    disk.records = text.records;
    return text.records;
  };
  read();
  const append = (record: JournalRecord): void => {
    if (isDead) throw new Killed();
    written += 1;
    const moment = crash?.record === written ? crash.moment : undefined;
    isDead = moment !== undefined;
    if (moment === "before") throw new Killed();
    if (disk.version !== version) throw staleJournalProblem("the journal");
    const line = Buffer.from(encodeLine(tail.hash, record));
    const half = line.subarray(0, line.length >> 1);
    const before = disk.bytes.subarray(0, tail.bytes);
    see(Buffer.concat([before, half]), "torn");
    disk.bytes = Buffer.concat([before, moment === "torn" ? half : line]);
    disk.version += 1;
    version = disk.version;
    if (moment !== "torn") disk.records = [...disk.records, record];
    if (moment !== undefined) throw new Killed();
    tail = { hash: hashLine(line.toString()), bytes: tail.bytes + line.length };
    see(disk.bytes, "after");
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
