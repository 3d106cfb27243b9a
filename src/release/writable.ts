import { chmod, mkdir, stat } from "node:fs/promises";
import { pathInside } from "./inside.ts";

/** Makes directories writable for the owner and its group; returns notes for those it could not. */
export async function makeWritable(directory: string, paths: readonly string[]): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const path of paths) {
    try {
      const at = await pathInside(directory, path, "writable");
      await mkdir(at, { recursive: true });
      const { mode } = await stat(at);
      if ((mode & 0o070) !== 0o070) await chmod(at, (mode & 0o7777) | 0o770);
    } catch (error) {
      notes.push(
        `${path} could not be made writable: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return notes;
}
