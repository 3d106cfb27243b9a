import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Content of a file; null when there is none. */
export async function readText(path: string): Promise<string | null> {
  return await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
}

/** Readers see the old content or the new one; mode and owner stay, a link goes on pointing where it pointed. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => null);
  const part = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.part`);
  try {
    const file = await open(part, "wx", 0o644);
    try {
      if (before !== null) {
        await file.chmod(before.mode & 0o7777);
        // Another owner's file can be replaced where the directory allows it, but only root can give it back.
        await file.chown(before.uid, before.gid).catch(() => undefined);
      }
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
