import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

const mostBytes = 1024 * 1024;

export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

/** Text written since `offset` (at most the last MiB of it) and the offset after it; a rotated file is read from its start. */
export function readFrom(file: string, offset: number): { readonly text: string; readonly end: number } {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return { text: "", end: offset };
  }
  try {
    const end = fstatSync(descriptor).size;
    const start = Math.max(end < offset ? 0 : offset, end - mostBytes);
    const buffer = Buffer.alloc(end - start);
    const read = readSync(descriptor, buffer, 0, buffer.length, start);
    return { text: buffer.toString("utf8", 0, read), end };
  } finally {
    closeSync(descriptor);
  }
}

export function lastLines(text: string, count: number): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-count);
}
