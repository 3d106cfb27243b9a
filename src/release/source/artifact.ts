import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { type Duplex, type Readable, pipeline } from "node:stream";
import zlib from "node:zlib";
import { Problem, exits } from "../../problem.ts";
import { digestFile } from "../digest.ts";
import { hasCode } from "../file-problem.ts";
import type { Revision } from "../revision.ts";
import { extractTar } from "../tar/extract.ts";
import { damaged } from "../tar/header.ts";

type Packing = "gzip" | "zstd" | "none";

/** Unpacks an artifact into an empty directory. Problems: ARTIFACT_MISSING, _UNKNOWN, _DAMAGED, _REFUSED, ZSTD_MISSING. */
export async function unpackArtifact(path: string, target: string): Promise<void> {
  const packing = await packingOf(path);
  try {
    await extractTar(openUnpacked(path, packing), target);
  } catch (error) {
    throw error instanceof Error && isCompression(error) ? damaged(error.message) : error;
  }
}

export async function artifactRevision(path: string): Promise<Revision> {
  await packingOf(path);
  const revision = await digestFile(path);
  return { revision, label: `${basename(path)} ${revision.slice(0, 8)}` };
}

/** Rough: what a compressed archive of a web application unpacks to. */
export async function measureArtifact(path: string): Promise<{ bytes: number; inodes: number }> {
  const isPacked = (await packingOf(path)) !== "none";
  const { size } = await stat(path);
  const bytes = isPacked ? size * 5 : size;
  return { bytes, inodes: Math.ceil(bytes / 10_000) };
}

/** By its first bytes, whatever its name says. */
async function packingOf(path: string): Promise<Packing> {
  const head = Buffer.alloc(262);
  const file = await open(path, "r").catch((error: unknown) => {
    throw missing(path, hasCode(error, "ENOENT") ? "it does not exist" : String(error));
  });
  try {
    if (!(await file.stat()).isFile()) throw missing(path, "it is not a file");
    await file.read(head, 0, 262, 0);
  } finally {
    await file.close();
  }
  if (head.readUInt16BE(0) === 0x1f8b) return "gzip";
  if (head.readUInt32BE(0) === 0x28b52ffd) return "zstd";
  if (head.toString("latin1", 257, 262) === "ustar") return "none";
  throw new Problem({
    code: "ARTIFACT_UNKNOWN",
    what: `${path} is neither a tar archive nor one packed with gzip or zstd.`,
    fix: "Pack it as .tar.gz, .tar.zst or .tar.",
    exit: exits.refused,
  });
}

function openUnpacked(path: string, packing: Packing): AsyncIterable<Buffer> {
  const packed = (): Readable => createReadStream(path, { highWaterMark: 256 * 1024 });
  if (packing === "none") return packed();
  if (packing === "gzip") return pipeline(packed(), zlib.createGunzip(), () => undefined);
  const library: object = zlib;
  if (!hasZstd(library)) return unpackByProgram(path);
  return pipeline(packed(), library.createZstdDecompress(), () => undefined);
}

/** Node has it from 22.15 on. */
function hasZstd(library: object): library is { createZstdDecompress(): Duplex } {
  return "createZstdDecompress" in library;
}

/** The zstd program reads the file itself. */
async function* unpackByProgram(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, "r");
  const child = spawn("zstd", ["-dcq"], { stdio: [file.fd, "pipe", "pipe"] });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<Error | null>((resolve) => {
    child.once("error", () => resolve(zstdMissing()));
    child.once("close", (code) => resolve(code === 0 ? null : damaged(said.trim() || "zstd failed")));
  });
  try {
    const chunks: AsyncIterable<Buffer> | null = child.stdout;
    if (chunks !== null) yield* chunks;
    const failure = await ended;
    if (failure !== null) throw failure;
  } finally {
    child.kill("SIGKILL");
    await file.close();
  }
}

function isCompression(error: Error): boolean {
  return hasCode(
    error,
    "Z_DATA_ERROR",
    "Z_BUF_ERROR",
    "ZSTD_error_corruption_detected",
    "ZSTD_error_prefix_unknown",
  );
}

function missing(path: string, why: string): Problem {
  return new Problem({
    code: "ARTIFACT_MISSING",
    what: `The artifact ${path} cannot be read: ${why}.`,
    fix: "Build it first, or correct `source: {artifact: ...}` in cutover.yml.",
    exit: exits.refused,
  });
}

function zstdMissing(): Problem {
  return new Problem({
    code: "ZSTD_MISSING",
    what: "This host cannot unpack .tar.zst: its Node has no zstd and there is no zstd program.",
    fix: "Install it (sudo apt-get install zstd), use Node >= 22.15, or pack the artifact as .tar.gz.",
    exit: exits.refused,
  });
}
