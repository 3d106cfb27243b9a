import { mkdir } from "node:fs/promises";
import type { Emit } from "../plan/event.ts";
import type { ReleaseSpec } from "../plan/spec.ts";
import { Problem, exits, withState } from "../problem.ts";
import { keepAssets } from "./assets.ts";
import { buildRelease } from "./build.ts";
import { writeEnv } from "./env-file.ts";
import { fileProblem, hasCode } from "./file-problem.ts";
import { currentOwner } from "./owner.ts";
import { type Place, releasePath } from "./place.ts";
import { type ReleaseRecord, readRecord, updateRecord, writeRecord } from "./record.ts";
import { discard } from "./remove.ts";
import { resolveRevision } from "./revision.ts";
import { linkShared } from "./shared.ts";
import { fetchedCommitTime, fetchSource } from "./source/fetch.ts";
import { freeSpace } from "./space.ts";
import { commandEnv, cutoverVariables } from "./variables.ts";
import { makeWritable } from "./writable.ts";

export interface StageInput {
  readonly id: string;
  readonly app: string;
  readonly stage?: string | undefined;
  readonly host: string;
  readonly spec: ReleaseSpec;
  /** As resolved when the deployment began; absent: resolved now. */
  readonly revision?: string | undefined;
  /** Rendered env file. Secret. */
  readonly env?: string | undefined;
  /** Names the env on every host alike; null: it is keyed here. */
  readonly envDigest?: string | null | undefined;
  readonly previous: string | null;
  /** The release's env for the build; CUTOVER_* are added. Secret. */
  readonly variables: Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

export interface StagedRelease {
  readonly revision: string;
  /** null: the release has no env file. */
  readonly envDigest: string | null;
  /** Ms since the epoch; null: it is not a commit that this host has fetched. */
  readonly committedAt: number | null;
  readonly notes: readonly string[];
}

/**
 * Makes `releases/<id>` complete, from whatever state a crash left it in; nothing live is touched.
 * Problems: SOURCE_*, GIT_*, ARTIFACT_*, BUILD_*, PATH_OUTSIDE, DISK_FULL, PLACE_DENIED.
 */
export async function stageRelease(place: Place, input: StageInput): Promise<StagedRelease> {
  const before = await readRecord(place, input.id);
  if (before !== null && isComplete(before)) return staged(before);
  try {
    return await fill(place, input);
  } catch (error) {
    if (input.signal?.aborted === true) throw interrupted(input);
    await leaveFailed(place, input, error);
    const problem = fileProblem(error, `stage release ${input.id}`);
    throw problem instanceof Problem ? withState(problem, stateNow(input), exits.failedOldServes) : problem;
  }
}

async function fill(place: Place, input: StageInput): Promise<StagedRelease> {
  const { spec, id } = input;
  const directory = releasePath(place, id);
  const before = await freeSpace(place.releases);
  await writeRecord(place, { id, state: "staging", wasLive: false, owner: await currentOwner() });
  await discard(place, directory);
  await mkdir(directory);
  const source = await resolveSource(place, input);
  await fetchSource(place, {
    source: spec.source,
    revision: source.revision,
    directory,
    signal: input.signal,
  });
  const notes = [...(await linkShared(place, directory, spec.shared))];
  const envDigest = await writeEnvOf(place, directory, input);
  await makeWritable(directory, spec.writable);
  const stores = await build(place, directory, input, source.revision);
  notes.push(...(await makeWritable(directory, spec.writable)));
  if (spec.assets !== undefined) await keepAssets(place, { id, ...spec.assets, now: Date.now() });
  const after = await freeSpace(place.releases);
  const record: ReleaseRecord = {
    id,
    state: "staged",
    wasLive: false,
    ...source,
    committedAt: (await fetchedCommitTime(place, spec.source, source.revision)) ?? undefined,
    envDigest: envDigest ?? undefined,
    stores,
    notes,
    bytes: Math.max(0, before.bytes - after.bytes),
    inodes: Math.max(0, before.inodes - after.inodes) || 0,
  };
  await writeRecord(place, record);
  return staged(record);
}

/** The tree that was planned: a directory that was edited since is told apart by its own revision. */
async function resolveSource(place: Place, input: StageInput): Promise<{ revision: string; label?: string }> {
  const { source } = input.spec;
  if (input.revision !== undefined && source.kind === "git") return { revision: input.revision };
  const now = await resolveRevision(source, place);
  if (source.kind !== "artifact" || input.revision === undefined || input.revision === now.revision)
    return now;
  throw new Problem({
    code: "ARTIFACT_CHANGED",
    what: `The artifact ${source.path} is no longer the one that was planned.`,
    fix: "Deploy again.",
  });
}

async function writeEnvOf(place: Place, directory: string, input: StageInput): Promise<string | null> {
  if (input.env === undefined || input.spec.envTo === undefined) return null;
  const own = await writeEnv(place, directory, input.spec.envTo, input.env);
  return input.envDigest ?? own;
}

async function build(
  place: Place,
  directory: string,
  input: StageInput,
  revision: string,
): Promise<readonly string[]> {
  const { source, build: wanted } = input.spec;
  // It was built before it was brought.
  if (wanted.where === "here" && source.kind === "upload") return [];
  const variables = cutoverVariables(place, { ...input, revision });
  const env = commandEnv({ ...input.variables, ...variables });
  const { host, emit, signal } = input;
  return buildRelease(place, { directory, build: wanted, host, env, emit, signal });
}

function isComplete(record: ReleaseRecord): boolean {
  return record.state !== "staging" && record.state !== "failed";
}

function staged(record: ReleaseRecord): StagedRelease {
  const { revision = "", envDigest = null, committedAt = null, notes = [] } = record;
  return { revision, envDigest, committedAt, notes };
}

/** The half made release is told apart by its record, and removed by the next drain. */
function interrupted(input: StageInput): Problem {
  return new Problem({
    code: "STAGE_INTERRUPTED",
    what: `Staging release ${input.id} was interrupted.`,
    fix: "Deploy again.",
    state: stateNow(input),
    exit: exits.failedOldServes,
  });
}

/** A failed build stays to be inspected; on a full disk its room is worth more. */
async function leaveFailed(place: Place, input: StageInput, error: unknown): Promise<void> {
  const isFull = hasCode(error, "ENOSPC", "EDQUOT") || (await freeSpace(place.releases)).bytes < 1_000_000;
  if (isFull) await discard(place, releasePath(place, input.id));
  await updateRecord(place, input.id, { state: "failed", owner: undefined }).catch(() => null);
}

function stateNow(input: StageInput): string {
  const live = input.previous === null ? "Nothing is live yet" : `Release ${input.previous} still serves`;
  return `${live}; nothing was switched.`;
}
