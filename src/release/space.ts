import { statfs } from "node:fs/promises";

export interface Space {
  readonly bytes: number;
  /** Infinity on file systems that do not count them. */
  readonly inodes: number;
}

/** What an ordinary user may still use on the file system that holds `path`. */
export async function freeSpace(path: string): Promise<Space> {
  const found = await statfs(path);
  return {
    bytes: found.bavail * found.bsize,
    inodes: found.files === 0 ? Number.POSITIVE_INFINITY : found.ffree,
  };
}
