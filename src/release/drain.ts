import { readdir, rm, rmdir, stat } from "node:fs/promises";
import type { ReleaseState } from "../plan/fleet.ts";
import { inheritedFile } from "./assets.ts";
import { currentRelease, listReleases } from "./observe.ts";
import { occupiedReleases } from "./occupied.ts";
import { isAlive } from "./owner.ts";
import { type Place, releasePath } from "./place.ts";
import { type ReleaseRecord, readRecord, removeRecord, updateRecord } from "./record.ts";
import { discard, emptyTrash } from "./remove.ts";
import { chooseRetained } from "./retain.ts";
import { pruneStore } from "./store.ts";

export interface DrainInput {
  /** The verdict, and the release it is about. */
  readonly mark: Extract<ReleaseState, "good" | "bad" | "failed">;
  readonly of: string;
  /** How many releases that were live stay, the current one included. */
  readonly keep: number;
  /** Releases that are never removed whatever their state, for example those of known instances. */
  readonly alsoKeep?: readonly string[] | undefined;
  readonly occupied?: ((place: Place) => Promise<ReadonlySet<string>>) | undefined;
}

/** Marks a release, then removes what `keep` does not cover. Never throws: what it could not do it returns as notes. */
export async function drainReleases(place: Place, input: DrainInput): Promise<readonly string[]> {
  const notes: string[] = [];
  const attempt = async (what: string, work: () => Promise<readonly string[]>): Promise<void> => {
    const said = await work().catch((error: unknown) => [`${what}: ${String(error)}`]);
    notes.push(...said);
  };
  await attempt("the verdict could not be written", () => markRelease(place, input));
  await attempt("old releases could not be removed", () => pruneReleases(place, input));
  await attempt("the trash could not be emptied", () => emptyTrash(place));
  await attempt("the dependency store could not be cleaned", () => tidyStore(place));
  return notes;
}

async function markRelease(place: Place, { mark, of }: DrainInput): Promise<readonly string[]> {
  const isThere = await stat(releasePath(place, of)).catch(() => null);
  if (isThere !== null || (await readRecord(place, of)) !== null)
    await updateRecord(place, of, { state: mark });
  return [];
}

async function pruneReleases(place: Place, input: DrainInput): Promise<readonly string[]> {
  const current = await currentRelease(place);
  const records = await knownRecords(place);
  const retained = chooseRetained(records, { current, keep: input.keep, also: input.alsoKeep ?? [] });
  const occupied = await (input.occupied ?? occupiedReleases)(place);
  const notes: string[] = [];
  for (const record of records) {
    if (retained.has(record.id) || (await isBeingStaged(record))) continue;
    if (occupied.has(record.id)) notes.push(`release ${record.id} stays: a process still runs in it`);
    else notes.push(...(await removeRelease(place, record.id)));
  }
  await removeReserved(place, records);
  return notes;
}

/** Records without a directory are forgotten; directories without a record are not ours and stay. */
async function knownRecords(place: Place): Promise<readonly ReleaseRecord[]> {
  const directories = new Set(await listReleases(place));
  const records: ReleaseRecord[] = [];
  for (const name of (await readdir(place.records)).sort()) {
    const id = /^(\d{14})\.json$/.exec(name)?.[1];
    if (id === undefined) continue;
    const record = await readRecord(place, id);
    if (record === null) continue;
    if (directories.has(id)) records.push(record);
    else if (!(await isBeingStaged(record))) await forget(place, id);
  }
  return records;
}

async function isBeingStaged(record: ReleaseRecord): Promise<boolean> {
  return record.state === "staging" && record.owner !== undefined && (await isAlive(record.owner));
}

/** Only when the directory is gone is the release forgotten: else the next drain could not try again. */
async function removeRelease(place: Place, id: string): Promise<readonly string[]> {
  const notes = await discard(place, releasePath(place, id));
  if ((await stat(releasePath(place, id)).catch(() => null)) === null) await forget(place, id);
  return notes;
}

async function forget(place: Place, id: string): Promise<void> {
  await removeRecord(place, id);
  await rm(inheritedFile(place, id), { force: true });
}

const reservedForMs = 60 * 60_000;

/** An id that was reserved by a deployment which never came to stage it. */
async function removeReserved(place: Place, records: readonly ReleaseRecord[]): Promise<void> {
  const known = new Set(records.map(({ id }) => id));
  for (const id of await listReleases(place)) {
    if (known.has(id)) continue;
    const found = await stat(releasePath(place, id)).catch(() => null);
    if (found === null || Date.now() - found.mtimeMs < reservedForMs) continue;
    await rmdir(releasePath(place, id)).catch(() => null);
  }
}

async function tidyStore(place: Place): Promise<readonly string[]> {
  const records = await knownRecords(place);
  const isStaging = (await Promise.all(records.map(isBeingStaged))).includes(true);
  const inUse = new Set(records.flatMap(({ stores = [] }) => stores));
  return isStaging ? [] : pruneStore(place, inUse);
}
