import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  readdirSync,
  truncateSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

const chunkBytes = 64 * 1024;

/** The last `count` lines of a log, the newest archive included when the file alone is too short; and its end in bytes. */
export function lastLines(
  file: string,
  count: number,
): { readonly lines: readonly string[]; readonly end: number } {
  const { text, end, isWhole } = tail(file, count);
  const lines = linesOf(text, isWhole);
  if (!isWhole || lines.length >= count) return { lines: count === 0 ? [] : lines.slice(-count), end };
  const older = count === 0 ? [] : archived(`${file}.1.gz`);
  return { lines: [...older, ...lines].slice(-count || undefined), end };
}

function tail(file: string, count: number): { text: string; end: number; isWhole: boolean } {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return { text: "", end: 0, isWhole: true };
  }
  try {
    const end = fstatSync(descriptor).size;
    const parts: Buffer[] = [];
    let at = end;
    let newlines = 0;
    // One newline more than lines: the one before the first of them.
    while (at > 0 && newlines <= count) {
      const from = Math.max(0, at - chunkBytes);
      const part = readRange(descriptor, from, at);
      parts.unshift(part);
      newlines += part.filter((byte) => byte === 0x0a).length;
      at = from;
      // A punched file begins with a hole.
      if (part[0] === 0) break;
    }
    return { text: Buffer.concat(parts).toString("utf8"), end, isWhole: newlines <= count };
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes [from, to) of an open file, fewer when it has become shorter. */
export function readRange(descriptor: number, from: number, to: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, from));
}

/** Lines without the filler that rotation leaves at the head of a file. */
export function linesOf(text: string, isHead = true): readonly string[] {
  const lines = text.replaceAll("\0", "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (isHead && /^ +$/.test(lines[0] ?? "")) lines.shift();
  return lines.map((line) => line.replace(/\r$/, ""));
}

function archived(file: string): readonly string[] {
  try {
    return linesOf(gunzipSync(readFileSync(file)).toString("utf8"));
  } catch {
    return [];
  }
}

/** Log files of a service by slot, as the directory has them; for services that do not run. */
export function logFilesIn(logs: string, app: string, service: string): readonly string[] {
  const directory = join(logs, app);
  try {
    const names = readdirSync(directory).filter((name) => slotOf(name, service) !== undefined);
    const bySlot = names.toSorted((a, b) => (slotOf(a, service) ?? 0) - (slotOf(b, service) ?? 0));
    return bySlot.map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function slotOf(name: string, service: string): number | undefined {
  const slot = name.startsWith(`${service}-`)
    ? /^(\d+)\.log$/.exec(name.slice(service.length + 1))?.[1]
    : undefined;
  return slot === undefined ? undefined : Number(slot);
}

/** Empties a log and forgets its archives; programs go on writing to it. */
export function emptyLog(file: string): void {
  truncateSync(file, 0);
  const name = basename(file);
  for (const entry of readdirSync(dirname(file))) {
    if (entry.startsWith(`${name}.`) && /^\.(?:\d+\.gz|start)$/.test(entry.slice(name.length))) {
      rmSync(join(dirname(file), entry), { force: true });
    }
  }
}
