import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { JournalRecord } from "../plan/record.ts";
import { Problem } from "../problem.ts";

/** Where the chain stands: the hash of its last line and how many bytes are good. */
interface Tail {
  readonly hash: string;
  readonly bytes: number;
}

export interface JournalText {
  readonly records: readonly JournalRecord[];
  /** Hash that its first line continues; null: no line. */
  readonly head: string | null;
  readonly tail: Tail;
  /** What was dropped and why, for whoever reads history. */
  readonly notes: readonly string[];
}

/** One line: length and CRC of the record's text, and the hash of the line before. */
export function encodeLine(previous: string, record: JournalRecord): string {
  const text = JSON.stringify(record);
  return `{"length":${Buffer.byteLength(text)},"crc":"${checksum(previous, text)}","prev":"${previous}","record":${text}}\n`;
}

export function hashLine(line: string): string {
  return createHash("sha256").update(line.trimEnd()).digest("hex");
}

/** Hash that the first line of a journal without predecessor continues. */
export const firstHash: string = "0".repeat(64);

const shape = /^\{"length":(\d+),"crc":"([0-9a-f]{8})","prev":"([0-9a-f]{64})","record":(\{.*\})\}$/;

interface Line {
  readonly previous: string;
  readonly record: JournalRecord;
}

function decodeLine(line: string): Line | null {
  const match = shape.exec(line);
  if (match === null) return null;
  const [, length = "", crc = "", previous = "", text = ""] = match;
  if (Buffer.byteLength(text) !== Number(length) || checksum(previous, text) !== crc) return null;
  const record: unknown = JSON.parse(text);
  return isRecord(record) ? { previous, record } : null;
}

/** The checksum says that cutover wrote it, so its kind stands for its shape. */
function isRecord(value: unknown): value is JournalRecord {
  return typeof value === "object" && value !== null && "kind" in value && "at" in value;
}

function checksum(previous: string, text: string): string {
  return crc32(text, crc32(previous)).toString(16).padStart(8, "0");
}

/** Reads a whole journal. A torn or corrupt tail is dropped with a note; damage before good lines throws JOURNAL_CORRUPT. */
export function readLines(bytes: Buffer, where: string): JournalText {
  const lines = splitLines(bytes);
  const lastGood = lines.findLastIndex((line) => decodeLine(line.text) !== null);
  const records: JournalRecord[] = [];
  const notes: string[] = [];
  const seen = new Set<string>();
  let tail: Tail = { hash: firstHash, bytes: 0 };
  let head: string | null = null;
  for (const [index, line] of lines.entries()) {
    if (index > lastGood) break;
    const decoded = decodeLine(line.text);
    if (decoded === null) throw corruptProblem(where, index + 1, "its length or checksum does not fit");
    if (records.length === 0) {
      head = decoded.previous;
      seen.add(head);
    } else if (decoded.previous !== tail.hash) {
      if (!seen.has(decoded.previous))
        throw corruptProblem(where, index + 1, "it does not continue the line before");
      notes.push(`Line ${index + 1} was written by an operator already overtaken, and does not count.`);
      seen.add(hashLine(line.text));
      tail = { hash: tail.hash, bytes: line.end };
      continue;
    }
    records.push(decoded.record);
    tail = { hash: hashLine(line.text), bytes: line.end };
    seen.add(tail.hash);
  }
  if (tail.bytes < bytes.length)
    notes.push(
      `The last ${bytes.length - tail.bytes} bytes of ${where} were torn by a crash and are dropped.`,
    );
  return { records, head, tail, notes };
}

/** Only lines with their newline: one without was not written to its end. */
function splitLines(bytes: Buffer): readonly { readonly text: string; readonly end: number }[] {
  const lines: { text: string; end: number }[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push({ text: bytes.toString("utf8", start, end), end: end + 1 });
    start = end + 1;
  }
  return lines;
}

function corruptProblem(where: string, line: number, why: string): Problem {
  return new Problem({
    code: "JOURNAL_CORRUPT",
    what: `Line ${line} of ${where} is damaged, and good lines follow it.`,
    why: `A crash can only tear the end of a journal, so something else changed the file: ${why}.`,
    fix: `Look at cutover status. If one release serves alone, move ${where} away; the next deployment begins a new journal.`,
    state: "Nothing was changed.",
    exit: 3,
  });
}
