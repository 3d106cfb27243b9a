import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileProblem, hasCode } from "../release/file-problem.ts";
import { readEpoch, underEpoch } from "./epoch.ts";

/** The journal files of one app on this host: `<home>/journal/<id>.ndjson`. */
export interface JournalFile {
  readonly id: string;
  readonly text: string;
}

export interface Append {
  readonly id: string;
  /** Length of the file, in bytes; behind it may be a torn line, which is dropped. */
  readonly at: number;
  readonly text: string;
  readonly epoch: number;
  /** Whole lines behind `at` are dropped too: they never counted. */
  readonly isRepair: boolean;
}

export async function readJournals(home: string, count: number): Promise<readonly JournalFile[]> {
  const ids = (await listJournals(home)).slice(-count);
  return await Promise.all(ids.map(async (id) => ({ id, text: await readJournal(home, id) })));
}

export async function readJournal(home: string, id: string): Promise<string> {
  try {
    return await readFile(fileOf(home, id), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

/** On the disk when it answers true; a part of it may be there when it throws. */
export async function appendJournal(home: string, append: Append): Promise<boolean> {
  const done = await underEpoch(home, append.epoch, async () => {
    // A lower one means that this disk has forgotten what was accepted here, so it cannot tell an old operator either.
    if ((await readEpoch(home)) !== append.epoch) return false;
    return await write(home, append).catch((error: unknown) => {
      throw fileProblem(error, `write ${fileOf(home, append.id)}`);
    });
  });
  return done === true;
}

async function write(home: string, { id, at, text, isRepair }: Append): Promise<boolean> {
  const path = fileOf(home, id);
  await mkdir(join(home, "journal"), { recursive: true, mode: 0o700 });
  await using file = await open(path, "a+", 0o600);
  const { size } = await file.stat();
  if (size < at) return false;
  if (size > at) {
    if (!isRepair && (await hasLine(file, at, size))) return false;
    await file.truncate(at);
  }
  // Not write(): on a disk that fills up it answers with a part of the text and no error.
  await file.writeFile(text);
  await file.sync();
  if (at === 0) await syncDirectory(join(home, "journal"));
  return true;
}

type Handle = Awaited<ReturnType<typeof open>>;

async function hasLine(file: Handle, from: number, to: number): Promise<boolean> {
  const behind = Buffer.alloc(to - from);
  await file.read(behind, 0, behind.length, from);
  return behind.includes(10);
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, "r");
  await directory.sync();
}

async function listJournals(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, "journal")).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  const ids = names.flatMap((name) => /^(\d+)\.ndjson$/.exec(name)?.[1] ?? []);
  return ids.sort((a, b) => Number(a) - Number(b));
}

function fileOf(home: string, id: string): string {
  return join(home, "journal", `${id}.ndjson`);
}
