import { randomBytes } from "node:crypto";
import { lstat, readdir, readlink, rename, stat, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../problem.ts";
import { syncDirectory } from "./durable.ts";
import { fileProblem } from "./file-problem.ts";
import { currentRelease } from "./observe.ts";
import { type Place, refuseForeignCurrent, releasePath } from "./place.ts";
import { readRecord, updateRecord } from "./record.ts";

const temporary = ".current-";

/**
 * Points `current` at the release: atomic, durable, verified; safe to repeat. Returns notes.
 * Problems: RELEASE_MISSING, CURRENT_TAKEN, SWITCH_FAILED, DISK_FULL, PLACE_DENIED.
 */
export async function switchCurrent(place: Place, id: string): Promise<readonly string[]> {
  await refuseIncomplete(place, id);
  await refuseForeignCurrent(place);
  const previous = await currentRelease(place);
  await removeLeftovers(place);
  await renameLink(place, `releases/${id}`);
  try {
    if (previous !== null && previous !== id) await recordLive(place, previous, Date.now());
    await recordLive(place, id, undefined);
    return [];
  } catch (error) {
    // The switch has happened, and the link itself tells which release is live.
    return [`the state of the releases could not be written: ${String(error)}`];
  }
}

/** A verdict (good, bad) outlives a switch; only a release without one becomes live. */
async function recordLive(place: Place, id: string, leftAt: number | undefined): Promise<void> {
  const record = await readRecord(place, id);
  const state = record === null || record.state === "staged" ? "live" : record.state;
  await updateRecord(place, id, { wasLive: true, leftAt, state });
}

async function refuseIncomplete(place: Place, id: string): Promise<void> {
  const found = await stat(releasePath(place, id)).catch(() => null);
  const record = await readRecord(place, id);
  if (found?.isDirectory() === true && record?.state !== "staging") return;
  throw new Problem({
    code: "RELEASE_MISSING",
    what: `Release ${id} cannot be switched to: ${found === null ? "it is not there" : "it is not complete"}.`,
    fix: "Deploy again, or choose a release that `cutover releases` lists.",
    state: "`current` was not changed.",
  });
}

/** Only links of ours are removed; a directory of that name cannot be hit because every name is new. */
async function removeLeftovers(place: Place): Promise<void> {
  for (const name of await readdir(place.path)) {
    if (!name.startsWith(temporary)) continue;
    const path = join(place.path, name);
    const found = await lstat(path).catch(() => null);
    if (found?.isSymbolicLink() === true) await unlink(path).catch(() => null);
  }
}

async function renameLink(place: Place, target: string): Promise<void> {
  const link = join(place.path, `${temporary}${randomBytes(8).toString("hex")}`);
  try {
    await symlink(target, link);
    await rename(link, place.current);
    await syncDirectory(place.path);
  } catch (error) {
    await unlink(link).catch(() => null);
    throw fileProblem(error, `point ${place.current} at ${target}`);
  }
  const seen = await readlink(place.current);
  if (seen === target) return;
  throw new Problem({
    code: "SWITCH_FAILED",
    what: `${place.current} points to ${seen} right after it was pointed to ${target}.`,
    why: "Something else changes the same link.",
    fix: "Stop the other tool, then run `cutover status`.",
  });
}
