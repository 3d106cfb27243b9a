import { cp, lstat, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { dirname, relative } from "node:path";
import type { ReleaseSpec } from "../plan/spec.ts";
import { pathInside } from "./inside.ts";
import type { Place } from "./place.ts";

/** Links the shared directories and files into a release; returns notes. What is not shared yet starts as the release's own. */
export async function linkShared(
  place: Place,
  directory: string,
  shared: ReleaseSpec["shared"],
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const path of withoutNested(shared.dirs)) {
    const { from, at } = await resolveBoth(place, directory, path);
    await seed(at, from);
    await mkdir(from, { recursive: true });
    await relink(from, at);
  }
  for (const path of shared.files) {
    const { from, at } = await resolveBoth(place, directory, path);
    await seed(at, from);
    await relink(from, at);
    if ((await lstat(from).catch(() => null)) !== null) continue;
    notes.push(`shared file ${path} does not exist yet: create ${from}`);
  }
  return notes;
}

async function resolveBoth(
  place: Place,
  directory: string,
  path: string,
): Promise<{ from: string; at: string }> {
  return {
    from: await pathInside(place.shared, path, "shared"),
    at: await pathInside(directory, path, "shared"),
  };
}

/** "storage/logs" is already inside a shared "storage". */
function withoutNested(paths: readonly string[]): readonly string[] {
  const clean = [...new Set(paths.map((path) => path.replace(/^\.\//, "").replace(/\/+$/, "")))];
  return clean.filter((path) => !clean.some((other) => path !== other && path.startsWith(`${other}/`)));
}

/** Copied aside first, so that a crash leaves no half filled shared directory. */
async function seed(at: string, from: string): Promise<void> {
  if ((await lstat(from).catch(() => null)) !== null) return;
  const own = await lstat(at).catch(() => null);
  if (own === null || own.isSymbolicLink()) return;
  const part = `${from}.part`;
  await rm(part, { recursive: true, force: true });
  await cp(at, part, { recursive: true, verbatimSymlinks: true });
  await rename(part, from);
}

async function relink(from: string, at: string): Promise<void> {
  const target = relative(dirname(at), from);
  if ((await readlink(at).catch(() => null)) === target) return;
  await rm(at, { recursive: true, force: true });
  await symlink(target, at);
}
