import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";

/**
 * How the head of a file leaves it while others append. collapse: the rest moves to the front, in one step under the
 * file's lock (ext4, xfs, f2fs). punch: the head becomes a hole, the rest stays where it is (btrfs, tmpfs). truncate: the
 * whole file is emptied, and what is written in that instant is lost.
 */
export type CutMethod = "collapse" | "punch" | "truncate";

export const allCutMethods: readonly CutMethod[] = ["collapse", "punch", "truncate"];

/** Removing [from, to) without touching a byte that is appended meanwhile; false when the file system cannot. */
export async function cutHead(file: string, method: CutMethod, from: number, to: number): Promise<boolean> {
  // What is not on the disk yet would be written under the lock, while the writers wait.
  await flush(file);
  const mode = method === "collapse" ? "--collapse-range" : "--punch-hole";
  const range = ["--offset", String(from), "--length", String(to - from)];
  const tool = spawn("fallocate", [mode, ...range, file], { stdio: "ignore" });
  try {
    const [code] = await once(tool, "exit");
    return code === 0;
  } catch {
    return false;
  }
}

/** Blanks bytes that are archived already, up to and with their last newline, through a descriptor that does not append. */
export function blank(file: string, from: number, to: number): void {
  if (to <= from) return;
  const descriptor = openSync(file, "r+");
  try {
    const filler = Buffer.alloc(to - from, " ");
    filler[filler.length - 1] = 0x0a;
    writeSync(descriptor, filler, 0, filler.length, from);
  } finally {
    closeSync(descriptor);
  }
}

/** Hands what was written since `from` to `archive` until nothing more comes, then empties the file at once. */
export function truncateAfter(file: string, from: number, archive: (bytes: Buffer) => void): number {
  const descriptor = openSync(file, "r+");
  try {
    let position = from;
    for (let round = 0; round < 1000; round += 1) {
      const grown = fstatSync(descriptor).size - position;
      if (grown === 0) break;
      const bytes = Buffer.alloc(grown);
      const length = readSync(descriptor, bytes, 0, grown, position);
      archive(bytes.subarray(0, length));
      position += length;
    }
    ftruncateSync(descriptor, 0);
    return position;
  } finally {
    closeSync(descriptor);
  }
}

/** Where the data of a punched file begins is kept beside it. */
export function rememberStart(file: string, start: number): void {
  writeFileSync(startFile(file), `${String(start)}\n`, { mode: 0o600 });
}

export function startFile(file: string): string {
  return `${file}.start`;
}

async function flush(file: string): Promise<void> {
  const descriptor = openSync(file, "r");
  try {
    await promisify(fdatasync)(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
