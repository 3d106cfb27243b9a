import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ReleaseState } from "../plan/fleet.ts";
import { writeDurably } from "./durable.ts";
import { hasCode } from "./file-problem.ts";
import { isObject, parseObject } from "./json.ts";
import type { Owner } from "./owner.ts";
import type { Place } from "./place.ts";

/** What is known of a release beside its files. "staging": half made, or being made by `owner`. */
export interface ReleaseRecord {
  readonly id: string;
  readonly state: "staging" | ReleaseState;
  readonly wasLive: boolean;
  readonly revision?: string | undefined;
  readonly label?: string | undefined;
  /** When the revision was committed, ms since the epoch; absent: not known. */
  readonly committedAt?: number | undefined;
  readonly envDigest?: string | undefined;
  readonly owner?: Owner | undefined;
  /** Keys of the dependency store that the build used. */
  readonly stores?: readonly string[] | undefined;
  /** Disk the release took, measured; the next preflight asks for it. */
  readonly bytes?: number | undefined;
  readonly inodes?: number | undefined;
  /** When `current` went to another release, ms since the epoch. */
  readonly leftAt?: number | undefined;
  readonly notes?: readonly string[] | undefined;
}

const states: readonly string[] = ["staging", "staged", "live", "good", "failed", "bad"];

/** null: no record. A torn record counts as failed: never a rollback target, still there to be inspected. */
export async function readRecord(place: Place, id: string): Promise<ReleaseRecord | null> {
  let text: string;
  try {
    text = await readFile(recordFile(place, id), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  return (
    parseRecord(id, text) ?? { id, state: "failed", wasLive: false, notes: ["its state file was unreadable"] }
  );
}

export async function writeRecord(place: Place, record: ReleaseRecord): Promise<void> {
  await writeDurably(recordFile(place, record.id), `${JSON.stringify(record)}\n`);
}

/** Changes some fields; a release without a record gets one. */
export async function updateRecord(place: Place, id: string, change: Partial<ReleaseRecord>): Promise<void> {
  const before = (await readRecord(place, id)) ?? { id, state: "staged", wasLive: false };
  await writeRecord(place, { ...before, ...change, id });
}

export async function removeRecord(place: Place, id: string): Promise<void> {
  await rm(recordFile(place, id), { force: true });
}

function recordFile(place: Place, id: string): string {
  return join(place.records, `${id}.json`);
}

function parseRecord(id: string, text: string): ReleaseRecord | null {
  const value: unknown = parseObject(text);
  return isRecord(value) && value.id === id ? value : null;
}

function isRecord(value: unknown): value is ReleaseRecord {
  if (!isObject(value)) return false;
  const { state, wasLive } = value;
  return typeof state === "string" && states.includes(state) && typeof wasLive === "boolean";
}
