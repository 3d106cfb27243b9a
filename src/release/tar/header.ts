import { Problem } from "../../problem.ts";

/** One member of a tar stream, extensions (pax, GNU long names) already applied. */
export interface TarEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink" | "hard link" | "device" | "unknown";
  readonly mode: number;
  readonly size: number;
  readonly linkName: string;
}

/** The raw 512 byte header: `type` is the flag character, with x, g, L and K for extensions. */
export interface TarHeader extends Omit<TarEntry, "kind"> {
  readonly type: string;
}

export const blockSize = 512;

/** null: an all-zero block, which ends the archive. Problem: ARTIFACT_DAMAGED. */
export function parseHeader(block: Buffer): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  if (readNumber(block, 148, 8) !== checksum(block)) throw damaged("a header's checksum is wrong");
  const prefix = block.toString("latin1", 257, 262) === "ustar" ? readText(block, 345, 155) : "";
  const name = readText(block, 0, 100);
  // Old GNU tar keeps other things where ustar has the prefix.
  const isGnu = block.toString("latin1", 257, 265) === "ustar  \0";
  return {
    name: prefix === "" || isGnu ? name : `${prefix}/${name}`,
    mode: readNumber(block, 100, 8),
    size: readNumber(block, 124, 12),
    type: String.fromCharCode(block[156] ?? 0),
    linkName: readText(block, 157, 100),
  };
}

export function kindOf(type: string): TarEntry["kind"] {
  if (type === "0" || type === "\0" || type === "7") return "file";
  if (type === "5") return "directory";
  if (type === "2") return "symlink";
  if (type === "1") return "hard link";
  return type === "3" || type === "4" || type === "6" ? "device" : "unknown";
}

export function damaged(why: string): Problem {
  return new Problem({
    code: "ARTIFACT_DAMAGED",
    what: `The artifact is not a complete tar archive: ${why}.`,
    fix: "Build or upload it again.",
  });
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < blockSize; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

function readText(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString("utf8", start, end === -1 || end > start + length ? start + length : end);
}

/** Octal text, or base 256 when the first bit is set. */
function readNumber(block: Buffer, start: number, length: number): number {
  const field = block.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) === 0) {
    const text = field.toString("latin1").replaceAll("\0", " ").trim();
    if (!/^[0-7]*$/.test(text)) throw damaged("a number in a header is not octal");
    return text === "" ? 0 : Number.parseInt(text, 8);
  }
  let value = BigInt((field[0] ?? 0) & 0x7f);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged("a size in a header is absurd");
  return Number(value);
}
