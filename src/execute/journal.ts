import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Journal } from "../plan/fleet-port.ts";
import type { JournalRecord } from "../plan/record.ts";
import { type Crash, die } from "./crash.ts";
import { encodeLine, firstHash, hashLine, type JournalText, readLines, type Tail } from "./journal-lines.ts";
import { staleJournalProblem, unwritableJournalProblem } from "./trouble.ts";

export interface FileJournal extends Journal {
  readonly path: string;
  /** What the last read dropped. */
  notes(): readonly string[];
}

export interface JournalPlace {
  /** Directory of all journals of one app. */
  readonly directory: string;
  readonly id: string;
  /** Hash of the last line of the deployment before; see lastHash(). */
  readonly seed?: string | undefined;
  readonly crash?: Crash | undefined;
}

/** The journal of one deployment: `<directory>/<id>.ndjson`, created by the first append. */
export async function openJournal(place: JournalPlace): Promise<FileJournal> {
  const path = journalPath(place.directory, place.id);
  let text = await readText(path);
  let tail = text.records.length === 0 ? { hash: place.seed ?? firstHash, bytes: 0 } : text.tail;
  let written = 0;
  return {
    path,
    notes: () => text.notes,
    async read() {
      text = await readText(path);
      if (text.records.length > 0) tail = text.tail;
      return text.records;
    },
    async append(record) {
      written += 1;
      const crash = place.crash?.record === written ? place.crash.moment : undefined;
      tail = await appendLine({ path, tail, record, crash }).catch((error: unknown) => {
        throw isSystemError(error) ? unwritableJournalProblem(path, error) : error;
      });
    },
  };
}

export function journalPath(directory: string, id: string): string {
  return join(directory, `${id}.ndjson`);
}

export async function readText(path: string): Promise<JournalText> {
  return readLines(await readBytes(path), path);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    return await file.readFile();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

interface Line {
  readonly path: string;
  readonly tail: Tail;
  readonly record: JournalRecord;
  readonly crash: Crash["moment"] | undefined;
}

/** Writes at the tail it knows. Whoever wrote there in the meantime is newer. */
async function appendLine({ path, tail, record, crash }: Line): Promise<Tail> {
  const line = Buffer.from(encodeLine(tail.hash, record));
  if (crash === "before") die();
  if (tail.bytes === 0) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await open(path, "a+", 0o600);
  await dropTorn(file, path, tail);
  if (crash === "torn") {
    await file.write(line.subarray(0, line.length >> 1));
    await file.sync();
    die();
  }
  // Not write(): on a disk that fills up it answers with a part of the line and no error.
  await file.writeFile(line);
  await file.sync();
  if (tail.bytes === 0) await syncDirectory(dirname(path));
  await refuseRaced(file, path, tail, line);
  if (crash === "after") die();
  return { hash: hashLine(line.toString()), bytes: tail.bytes + line.length };
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

type Handle = Awaited<ReturnType<typeof open>>;

async function dropTorn(file: Handle, path: string, tail: Tail): Promise<void> {
  const { size } = await file.stat();
  if (size === tail.bytes) return;
  const present = size < tail.bytes ? undefined : (await readText(path)).tail;
  if (present?.bytes !== tail.bytes) throw staleJournalProblem(path);
  await file.truncate(tail.bytes);
}

/** Two that appended at once: the one whose line came second has forked the chain and is not counted by any reader. */
async function refuseRaced(file: Handle, path: string, tail: Tail, line: Buffer): Promise<void> {
  const there = Buffer.alloc(line.length);
  await file.read(there, 0, line.length, tail.bytes);
  if (!there.equals(line)) throw staleJournalProblem(path);
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, "r");
  await directory.sync();
}
