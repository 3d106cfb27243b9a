import { mkdir, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../config/load.ts";
import type { HostEnd } from "../../fleet/end.ts";
import type { SourceSpec } from "../../plan/spec.ts";
import { digestFile, digestText } from "../../release/digest.ts";
import { openPlace } from "../../release/place.ts";
import type { Revision } from "../../release/revision.ts";
import { measureArtifact } from "../../release/source/artifact.ts";
import { measureDirectory } from "../../release/source/directory.ts";
import { checkOut } from "../../release/source/checkout.ts";
import { packDirectory, packTree } from "../../release/source/pack.ts";
import type { UploadedSource } from "../../release/source/upload.ts";
import { isProblem } from "../../problem.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { placeHere } from "./here.ts";

const pieceBytes = 1024 * 1024;
const mostTries = 3;

/** The source as the servers see it: something that this machine brings them. */
export async function sourceForServers(
  config: Config,
  source: SourceSpec,
  { revision, label }: Revision,
): Promise<SourceSpec> {
  if (source.kind === "upload") return source;
  const { bytes, inodes } = await measure(config, source);
  const part = source.kind === "git" ? [source.directory ?? ""] : [];
  const key = digestText(source.kind, revision, ...part).slice(0, 40);
  return { kind: "upload", key, revision, label, bytes, files: inodes };
}

/** Of a repository nobody knows before it is fetched. */
async function measure(
  config: Config,
  source: Exclude<SourceSpec, { kind: "upload" }>,
): Promise<{ readonly bytes: number; readonly inodes: number }> {
  if (source.kind === "directory") return await measureDirectory(source.path, config.spec.path);
  return source.kind === "artifact" ? await measureArtifact(source.path) : { bytes: 0, inodes: 0 };
}

/** Packs once and sends to those servers that lack it. `local`: where it lies here. */
export async function sendSource(
  context: Context,
  io: Io,
  wish: { readonly local: SourceSpec; readonly source: SourceSpec },
): Promise<void> {
  const { local, source } = wish;
  if (source.kind !== "upload" || local.kind === "upload") return;
  const known = await Promise.all(context.hosts.map((end) => end.hasUpload(source.key)));
  const lacking = context.hosts.filter((_, index) => known[index] === false);
  if (lacking.length === 0) return;
  if (local.kind === "artifact") return await sendFile(local.path, source, lacking, io);
  const scratch = await mkdtemp(join(tmpdir(), "cutover-pack-"));
  try {
    const packed = join(scratch, "release.tar.gz");
    if (local.kind === "directory") await packDirectory(local.path, context.config.spec.path, packed);
    else await packCommit(context, io, { ...local, commit: source.revision, scratch, packed });
    await sendFile(packed, source, lacking, io);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Commit {
  readonly url: string;
  readonly commit: string;
  readonly directory?: string | undefined;
  readonly scratch: string;
  readonly packed: string;
}

/** Its files alone, submodules included, as a server would have fetched them. */
async function packCommit(context: Context, io: Io, commit: Commit): Promise<void> {
  const { url, directory, scratch, packed } = commit;
  const place = await openPlace(placeHere(context.config, io.env).path);
  const target = join(scratch, "files");
  await mkdir(target);
  await checkOut(place, { url, commit: commit.commit, part: directory, target, signal: io.signal });
  await packTree(target, [], packed);
}

/** To all at once; over a connection that drops meanwhile again, over another one. */
export async function sendFile(
  path: string,
  { key, label }: UploadedSource,
  ends: readonly HostEnd[],
  io: Io,
): Promise<void> {
  const digest = await digestFile(path);
  const { size: total } = await stat(path);
  const names = ends.map(({ name }) => name).join(", ");
  io.emit({ event: "note", text: `Sending ${label} (${sizeOf(total)}) to ${names}` });
  await Promise.all(
    ends.map(async (end) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await sendTo(end, { path, total, key, digest });
        } catch (error) {
          if (attempt === mostTries || !isDropped(error)) throw error;
          io.emit({ event: "note", text: `Sending it again to ${end.name}: the connection was lost` });
        }
      }
    }),
  );
}

interface Sending {
  readonly path: string;
  readonly total: number;
  readonly key: string;
  readonly digest: string;
}

async function sendTo(end: HostEnd, { path, total, key, digest }: Sending): Promise<void> {
  await using file = await open(path, "r");
  const buffer = Buffer.alloc(Math.min(pieceBytes, total));
  for (let at = 0; at < total;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error(`${path} became shorter while it was sent`);
    const chunk = buffer.toString("base64", 0, bytesRead);
    await end.sendUpload({ key, at, total, chunk, digest });
    at += bytesRead;
  }
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One that cannot be made again says so at the next attempt. */
function isDropped(error: unknown): boolean {
  return isProblem(error) && error.detail.code === "CONNECTION_LOST";
}
