import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "./place.ts";
import { removeTree } from "./remove.ts";
import { runProgram } from "./program.ts";

/**
 * Dependency directories by key: `tree` is what the install step made, untouched, and a `spare-*` is a copy of it that
 * the next release gets by rename(2), in well under a millisecond. A release so owns a real directory of its own: what
 * its build does to it (prune, code generation) reaches no other release, and cleaning the store reaches none either.
 */
const copyTimeoutMs = 10 * 60_000;

export async function hasStored(place: Place, key: string): Promise<boolean> {
  return (await lstat(join(place.store, key, "tree")).catch(() => null)) !== null;
}

/** Puts the directory in place. Returns how, or null when the store does not hold it. */
export async function takeStored(
  place: Place,
  key: string,
  target: string,
): Promise<"rename" | "copy" | null> {
  const home = join(place.store, key);
  const names = await readdir(home).catch(() => []);
  for (const name of names.filter((name) => name.startsWith("spare-"))) {
    const isTaken = await rename(join(home, name), target).then(
      () => true,
      () => false,
    );
    if (isTaken) return "rename";
  }
  if (!(await hasStored(place, key))) return null;
  const end = await copyTree(join(home, "tree"), target, "-a");
  if (end) return "copy";
  await removeTree(target);
  return null;
}

/** Keeps what an install step has just made, by hard links; safe to repeat, and never an error. */
export async function keepInStore(place: Place, key: string, from: string): Promise<boolean> {
  if (await hasStored(place, key)) return true;
  // A Python environment names its own path in its scripts: moved elsewhere it would start the wrong one.
  if ((await lstat(join(from, "pyvenv.cfg")).catch(() => null)) !== null) return false;
  const home = join(place.store, key);
  const part = partOf(home);
  try {
    await mkdir(home, { recursive: true });
    const isCopied = (await copyTree(from, part, "-al")) && (await copyGenerated(from, part));
    if (isCopied) await rename(part, join(home, "tree"));
    else await removeTree(part);
    return isCopied;
  } catch {
    await removeTree(part);
    return hasStored(place, key);
  }
}

/** Directories such as .prisma and .cache belong to no package and are rewritten in place: they are not linked. */
async function copyGenerated(from: string, part: string): Promise<boolean> {
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isDirectory() || !entry.name.startsWith(".") || [".bin", ".pnpm"].includes(entry.name))
      continue;
    await removeTree(join(part, entry.name));
    if (!(await copyTree(join(from, entry.name), join(part, entry.name), "-a"))) return false;
  }
  return true;
}

async function copyTree(from: string, to: string, how: "-a" | "-al", signal?: AbortSignal): Promise<boolean> {
  const copy = ["cp", how, ...(how === "-a" ? ["--reflink=auto"] : []), "--", from, to];
  const end = await runProgram("nice", ["-n", "5", ...copy], { timeoutMs: copyTimeoutMs, signal });
  return end.code === 0;
}

function partOf(home: string): string {
  return join(home, `part-${process.pid}-${randomBytes(4).toString("hex")}`);
}

/** Makes the spare that the next release takes; meant to run beside the build. Never rejects. */
export async function fillSpare(place: Place, key: string, signal?: AbortSignal): Promise<void> {
  const home = join(place.store, key);
  const names: readonly string[] = await readdir(home).catch(() => []);
  if (!names.includes("tree") || names.some((name) => name.startsWith("spare-"))) return;
  const part = partOf(home);
  const isCopied = await copyTree(join(home, "tree"), part, "-a", signal);
  if (isCopied) await rename(part, join(home, `spare-${randomBytes(4).toString("hex")}`)).catch(() => null);
  await removeTree(part);
}

/** Removes what no release refers to any more, and what a crash left half made. */
export async function pruneStore(place: Place, keysInUse: ReadonlySet<string>): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const key of await readdir(place.store).catch(() => [])) {
    const home = join(place.store, key);
    if (!keysInUse.has(key)) notes.push(...(await removeTree(home)));
    else
      for (const name of await readdir(home))
        if (await isAbandoned(name)) await rm(join(home, name), { recursive: true, force: true });
  }
  return notes;
}

async function isAbandoned(name: string): Promise<boolean> {
  const pid = /^part-(\d+)-/.exec(name)?.[1];
  return pid !== undefined && (await lstat(`/proc/${pid}`).catch(() => null)) === null;
}
