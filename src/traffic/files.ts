import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readText, replaceFile } from "./file.ts";

/** Files that a balancer loads together: path -> content. */
type Contents = Readonly<Record<string, string>>;

/** True when a balancer would load just these. */
export async function areOnDisk(contents: Contents): Promise<boolean> {
  for (const [path, content] of Object.entries(contents))
    if ((await readText(path)) !== content) return false;
  return true;
}

/** Writes the files, and answers how to have them as they were. */
export async function replaceAll(contents: Contents): Promise<() => Promise<void>> {
  const before: (readonly [string, string | null])[] = [];
  const restore = async (): Promise<void> => {
    for (const [path, content] of before)
      await (content === null ? rm(path, { force: true }) : replaceFile(path, content));
  };
  try {
    for (const [path, content] of Object.entries(contents)) {
      before.push([path, await readText(path)]);
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await replaceFile(path, content);
    }
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}
