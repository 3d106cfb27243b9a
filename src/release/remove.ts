import { randomBytes } from "node:crypto";
import { chmod, lstat, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Place } from "./place.ts";
import { runProgram } from "./program.ts";

const removeTimeoutMs = 10 * 60_000;

/** Removes a tree without following links or entering other file systems; returns notes instead of failing. */
export async function removeTree(path: string): Promise<readonly string[]> {
  if ((await remove(path)) === null) return [];
  await openDirectories(path);
  const said = await remove(path);
  return said === null ? [] : [`${path} could not be removed: ${said}`];
}

/** Out of releases/ in one step, then removed: what cannot be removed stays in the trash and is tried again. */
export async function discard(place: Place, path: string): Promise<readonly string[]> {
  const grave = join(place.trash, `${basename(path)}-${randomBytes(4).toString("hex")}`);
  try {
    await rename(path, grave);
  } catch (error) {
    if ((await lstat(path).catch(() => null)) === null) return [];
    return [`${path} could not be removed: ${error instanceof Error ? error.message : String(error)}`];
  }
  return removeTree(grave);
}

export async function emptyTrash(place: Place): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const name of await readdir(place.trash).catch(() => []))
    notes.push(...(await removeTree(join(place.trash, name))));
  return notes;
}

async function remove(path: string): Promise<string | null> {
  const end = await runProgram("rm", ["-rf", "--one-file-system", "--", path], {
    timeoutMs: removeTimeoutMs,
  });
  if (end.code === 0) return null;
  if (!end.isMissing && !/unrecognized option/.test(end.stderr)) return firstLine(end.stderr);
  return rm(path, { recursive: true, force: true }).then(
    () => null,
    (error: unknown) => String(error),
  );
}

/** Some build tools leave directories without write permission, which nobody but root can empty. */
async function openDirectories(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isDirectory() !== true) return;
  await chmod(path, 0o700).catch(() => null);
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await openDirectories(join(path, entry.name));
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.replace(/^rm: /, "") ?? "";
}
