import { appendFileSync, createReadStream, createWriteStream } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Transform } from "node:stream";
import { createGzip, gzipSync } from "node:zlib";
import { allCutMethods, blank, cutHead, rememberStart, startFile, truncateAfter } from "./cut-head.ts";
import type { CutMethod } from "./cut-head.ts";

export interface RotateOptions {
  readonly maxBytes: number;
  /** Compressed files kept: <file>.1.gz is the newest. 0 keeps none. */
  readonly keep: number;
  /** What may be tried, in this order; the default is all. */
  readonly methods?: readonly CutMethod[] | undefined;
}

export interface RotateResult {
  /** null: the file was small enough, or is not there. "truncate" may have lost lines written in that moment: a finding. */
  readonly method: CutMethod | null;
  readonly removedBytes: number;
}

interface Span {
  /** First byte of data: above 0 only in a punched file. */
  readonly start: number;
  /** Behind the last complete line. */
  readonly end: number;
  /** Last block boundary not after `end` and inside the file. */
  readonly cut: number;
}

const unchanged: RotateResult = { method: null, removedBytes: 0 };

/**
 * Moves the complete lines of a log that outgrew its bound into <file>.1.gz while processes go on appending to it: no
 * line is lost, doubled or split between the two. One call per file at a time.
 */
export async function rotateLog(file: string, options: RotateOptions): Promise<RotateResult> {
  const span = await measure(file, options.maxBytes);
  if (span === null) return unchanged;
  const archive = `${file}.rotating.gz`;
  if (options.keep > 0) {
    // The oldest goes first: a full disk is when room is needed most.
    await rm(`${file}.${String(options.keep)}.gz`, { force: true });
    await compress(file, span, archive);
    await shift(file, options.keep);
    await rename(archive, `${file}.1.gz`);
  }
  return removeHead(file, span, options);
}

async function removeHead(file: string, span: Span, options: RotateOptions): Promise<RotateResult> {
  for (const method of options.methods ?? allCutMethods) {
    if (method === "truncate") {
      const archive = (bytes: Buffer): void => {
        if (options.keep > 0) appendFileSync(`${file}.1.gz`, gzipSync(bytes));
      };
      const removedBytes = truncateAfter(file, span.end, archive) - span.start;
      await rm(startFile(file), { force: true });
      return { method, removedBytes };
    }
    // A punched head is no part of the collapse: the hole goes with it.
    const from = method === "collapse" ? 0 : span.start;
    if (await cutHead(file, method, from, span.cut)) {
      const moved = method === "collapse" ? span.cut : 0;
      blank(file, span.cut - moved, span.end - moved);
      if (method === "punch") rememberStart(file, span.cut);
      else await rm(startFile(file), { force: true });
      return { method, removedBytes: span.end - span.start };
    }
  }
  return unchanged;
}

async function measure(file: string, maxBytes: number): Promise<Span | null> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) return null;
  const start = await dataStart(file, found.size);
  if (found.size - start <= maxBytes) return null;
  const block = Math.max(4096, found.blksize);
  const end = (await behindLastNewline(file, start, found.size)) ?? found.size;
  const cut = Math.floor(Math.min(end, found.size - 1) / block) * block;
  return cut > start ? { start, end, cut } : null;
}

async function dataStart(file: string, size: number): Promise<number> {
  const text = await readFile(startFile(file), "utf8").catch(() => "0");
  const start = Number(text);
  return Number.isSafeInteger(start) && start > 0 && start <= size ? start : 0;
}

async function behindLastNewline(file: string, start: number, size: number): Promise<number | null> {
  const handle = await open(file, "r");
  const chunk = Buffer.alloc(65_536);
  try {
    for (let end = size; end > start; end -= chunk.length) {
      const from = Math.max(start, end - chunk.length);
      const { bytesRead } = await handle.read(chunk, 0, end - from, from);
      const index = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
      if (index >= 0) return from + index + 1;
    }
    return null;
  } finally {
    await handle.close();
  }
}

async function compress(file: string, span: Span, archive: string): Promise<void> {
  try {
    await pipeline(
      createReadStream(file, { start: span.start, end: span.end - 1 }),
      withoutHole(),
      createGzip(),
      createWriteStream(archive, { mode: 0o600 }),
    );
  } catch (error) {
    await rm(archive, { force: true });
    throw error;
  }
}

/** A punched file whose start was forgotten begins with NULs. */
function withoutHole(): Transform {
  let isLeading = true;
  return new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      const first = isLeading ? chunk.findIndex((byte) => byte !== 0) : 0;
      isLeading = first < 0;
      done(null, chunk.subarray(isLeading ? chunk.length : first));
    },
  });
}

async function shift(file: string, keep: number): Promise<void> {
  for (let number = keep - 1; number >= 1; number -= 1) {
    await rename(`${file}.${String(number)}.gz`, `${file}.${String(number + 1)}.gz`).catch(() => undefined);
  }
}
