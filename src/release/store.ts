import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "./place.ts";
import { removeTree } from "./remove.ts";
import { runProgram } from "./program.ts";

/**
 * Dependency directories by key: `tree` is what the install step made, and a `spare-*` a second one of the same files
 * that the next release gets by rename(2), in about a millisecond. A release so has a real directory of its own, and
 * cleaning the store reaches none. The files are hard links, as pnpm and Bun make them: a build that removes or replaces
 * some touches only its own; generated directories are copied; a tree that was written to in place is used no more.
 */
const copyTimeoutMs = 10 * 60_000;

async function hasStored(place: Place, key: string): Promise<boolean> {
  return (await lstat(join(place.store, key, "tree")).catch(() => null)) !== null;
}

/** Puts the directory in place; false when the store does not hold it, or not as it was made. */
export async function takeStored(place: Place, key: string, target: string): Promise<boolean> {
  const home = join(place.store, key);
  if (!(await hasStored(place, key))) return false;
  if (await isWrittenTo(home)) {
    await removeTree(home);
    return false;
  }
  const names: readonly string[] = await readdir(home);
  for (const name of names.filter((name) => name.startsWith("spare-"))) {
    const isTaken = await rename(join(home, name), target).then(
      () => true,
      () => false,
    );
    if (isTaken) return true;
  }
  return linkTree(join(home, "tree"), target);
}

async function isWrittenTo(home: string): Promise<boolean> {
  const argv = ["tree", "-type", "f", "-newer", "made", "-print", "-quit"];
  const end = await runProgram("find", argv, { cwd: home, timeoutMs: copyTimeoutMs });
  return end.code !== 0 || end.stdout !== "";
}

/** Keeps what an install step has just made; safe to repeat, never an error. Whether the store holds it now. */
export async function keepInStore(place: Place, key: string, from: string): Promise<boolean> {
  if (await hasStored(place, key)) return true;
  // A Python environment names its own path in its scripts: moved elsewhere it would start the wrong one.
  if ((await lstat(join(from, "pyvenv.cfg")).catch(() => null)) !== null) return false;
  const home = join(place.store, key);
  const part = partOf(home);
  try {
    await mkdir(home, { recursive: true });
    if (!(await linkTree(from, part))) return false;
    await stampMade(home);
    await rename(part, join(home, "tree"));
    return true;
  } catch {
    await removeTree(part);
    return hasStored(place, key);
  }
}

/** File times advance in ticks of some milliseconds: only a later tick tells what the build writes from what the install wrote. */
async function stampMade(home: string): Promise<void> {
  const made = join(home, "made");
  const tick = join(home, `part-${process.pid}-tick`);
  await writeFile(made, "");
  const { mtimeNs } = await lstat(made, { bigint: true });
  do await writeFile(tick, "tick");
  while ((await lstat(tick, { bigint: true })).mtimeNs <= mtimeNs);
  await rm(tick);
}

/** Makes the spare that the next release takes; meant to run beside the build. Never rejects. */
export async function makeSpare(place: Place, key: string): Promise<void> {
  const home = join(place.store, key);
  const names: readonly string[] = await readdir(home).catch(() => []);
  if (!names.includes("tree") || names.some((name) => name.startsWith("spare-"))) return;
  const part = partOf(home);
  const isMade = await linkTree(join(home, "tree"), part).catch(() => false);
  if (isMade) await rename(part, join(home, `spare-${randomBytes(4).toString("hex")}`)).catch(() => null);
  await removeTree(part);
}

/** Copies instead where hard links cannot be made: on another file system, or one without them. */
async function linkTree(from: string, to: string): Promise<boolean> {
  if ((await copy(from, to, "-al")) && (await copyGenerated(from, to))) return true;
  await removeTree(to);
  if (await copy(from, to, "-a")) return true;
  await removeTree(to);
  return false;
}

/** Directories such as .prisma and .cache belong to no package and are rewritten in place: they are not linked. */
async function copyGenerated(from: string, to: string): Promise<boolean> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory() || !name.startsWith(".") || name === ".bin" || name === ".pnpm") continue;
    await removeTree(join(to, name));
    if (!(await copy(join(from, name), join(to, name), "-a"))) return false;
  }
  return true;
}

async function copy(from: string, to: string, how: "-a" | "-al"): Promise<boolean> {
  return (await runProgram("cp", [how, "--", from, to], { timeoutMs: copyTimeoutMs })).code === 0;
}

function partOf(home: string): string {
  return join(home, `part-${process.pid}-${randomBytes(4).toString("hex")}`);
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
