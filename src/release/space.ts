import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "./file-problem.ts";

export interface Space {
  readonly bytes: number;
  /** Infinity on file systems that do not count them. */
  readonly inodes: number;
}

/** What an ordinary user may still use on the file system that holds `path`, or will hold it. */
export async function freeSpace(path: string): Promise<Space> {
  const found = await statfs(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT") && path !== dirname(path)) return null;
    throw error;
  });
  if (found === null) return freeSpace(dirname(path));
  return {
    bytes: found.bavail * found.bsize,
    inodes: found.files === 0 ? Number.POSITIVE_INFINITY : found.ffree,
  };
}
