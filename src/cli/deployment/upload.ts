import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../config/load.ts";
import type { HostEnd } from "../../fleet/end.ts";
import type { SourceSpec } from "../../plan/spec.ts";
import { digestFile, digestText } from "../../release/digest.ts";
import type { Revision } from "../../release/revision.ts";
import { measureArtifact } from "../../release/source/artifact.ts";
import { measureDirectory } from "../../release/source/directory.ts";
import { packDirectory } from "../../release/source/pack.ts";
import type { UploadedSource } from "../../release/source/upload.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

const pieceBytes = 1024 * 1024;

/** What lies on this machine, as the servers see it when it was brought to them. */
export async function sourceForServers(
  config: Config,
  source: Extract<SourceSpec, { kind: "directory" | "artifact" }>,
  { revision, label }: Revision,
): Promise<SourceSpec> {
  const { bytes, inodes } =
    source.kind === "directory"
      ? await measureDirectory(source.path, config.spec.path)
      : await measureArtifact(source.path);
  const key = digestText(source.kind, revision).slice(0, 40);
  return { kind: "upload", key, revision, label, bytes, files: inodes };
}

/** Packs once and sends to those servers that lack it. `local`: where it lies here. */
export async function sendSource(
  context: Context,
  io: Io,
  wish: { readonly local: SourceSpec; readonly source: SourceSpec },
): Promise<void> {
  const { local, source } = wish;
  if (source.kind !== "upload" || local.kind === "git" || local.kind === "upload") return;
  const known = await Promise.all(context.hosts.map((end) => end.hasUpload(source.key)));
  const lacking = context.hosts.filter((_, index) => known[index] === false);
  if (lacking.length === 0) return;
  if (local.kind === "artifact") return await sendFile(local.path, source, lacking, io);
  const scratch = await mkdtemp(join(tmpdir(), "cutover-pack-"));
  try {
    const packed = join(scratch, "release.tar.gz");
    await packDirectory(local.path, context.config.spec.path, packed);
    await sendFile(packed, source, lacking, io);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function sendFile(
  path: string,
  { key, label }: UploadedSource,
  ends: readonly HostEnd[],
  io: Io,
): Promise<void> {
  const digest = await digestFile(path);
  const file = await open(path, "r");
  try {
    const { size: total } = await file.stat();
    const names = ends.map(({ name }) => name).join(", ");
    io.emit({ event: "note", text: `sending ${label} to ${names} (${(total / 1e6).toFixed(1)} MB)` });
    const buffer = Buffer.alloc(Math.min(pieceBytes, total));
    for (let at = 0; at < total;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was sent`);
      const chunk = buffer.toString("base64", 0, bytesRead);
      const from = at;
      await Promise.all(ends.map((end) => end.sendUpload({ key, at: from, total, chunk, digest })));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
