import { readdir, readlink, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { ReleaseView } from "../plan/fleet.ts";
import type { Place } from "./place.ts";
import { type ReleaseRecord, readRecord } from "./record.ts";
import { isReleaseId } from "./release-id.ts";

export interface ObservedReleases {
  readonly current: string | null;
  /** Oldest first. */
  readonly releases: readonly ReleaseView[];
}

/** What is really there: a release without its directory is gone, a half staged one is not listed. */
export async function observeReleases(place: Place): Promise<ObservedReleases> {
  const current = await currentRelease(place);
  const releases: ReleaseView[] = [];
  for (const id of await listReleases(place)) {
    const view = viewOf(id, await readRecord(place, id), id === current);
    if (view !== null) releases.push(view);
  }
  return { current, releases };
}

/** Release that `current` points to; null: no link, a dangling one, or one that leads elsewhere. */
export async function currentRelease(place: Place): Promise<string | null> {
  const target = await readlink(place.current).catch(() => null);
  if (target === null) return null;
  const path = resolve(place.path, target);
  const id = basename(path);
  if (dirname(path) !== resolve(place.releases) || !isReleaseId(id)) return null;
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() === true ? id : null;
}

/** Directory names under releases/ that are release ids, oldest first. */
export async function listReleases(place: Place): Promise<readonly string[]> {
  const entries = await readdir(place.releases, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && isReleaseId(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** `current` without a record is a release of another tool: live all the same, and a place to return to. */
function viewOf(id: string, record: ReleaseRecord | null, isCurrent: boolean): ReleaseView | null {
  if (record === null) return isCurrent ? { id, state: "live", wasLive: true } : null;
  const { state } = record;
  if (state === "staging" && !isCurrent) return null;
  const stated = state === "staging" || (state === "staged" && isCurrent) ? "live" : state;
  return {
    id,
    state: stated,
    revision: record.revision,
    envDigest: record.envDigest,
    label: record.label,
    bytes: record.bytes,
    wasLive: record.wasLive || isCurrent,
  };
}
