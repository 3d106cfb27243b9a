import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SourceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import { digestFile } from "../digest.ts";
import { fileProblem } from "../file-problem.ts";
import type { Place } from "../place.ts";
import { freeSpace } from "../space.ts";

export type UploadedSource = Extract<SourceSpec, { kind: "upload" }>;

/** A part of an archive on its way to a host; the parts come in order. */
export interface UploadPiece {
  readonly key: string;
  /** Bytes before this piece, and of the whole archive. */
  readonly at: number;
  readonly total: number;
  /** Base64. */
  readonly chunk: string;
  /** SHA-256 of the whole archive. */
  readonly digest: string;
}

/** More than the releases that a deployment keeps, which are the measure (keepUploads). */
const kept = 20;
const pieceBytes = 1024 * 1024;

export function uploadPath(place: Place, key: string): string {
  return join(place.home, "uploads", key);
}

export async function hasUpload(place: Place, key: string): Promise<boolean> {
  return (await stat(uploadPath(place, key)).catch(() => null)) !== null;
}

/** A piece of one that lies here, from `at` on. */
export async function readUpload(
  place: Place,
  { key, at }: { readonly key: string; readonly at: number },
): Promise<UploadPiece> {
  const path = uploadPath(place, key);
  const file = await open(path, "r");
  try {
    const { size: total } = await file.stat();
    const buffer = Buffer.alloc(Math.min(pieceBytes, total - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    const digest = at === 0 ? await digestFile(path) : "";
    return { key, at, total, chunk: buffer.toString("base64", 0, bytesRead), digest };
  } finally {
    await file.close();
  }
}

/** All but those that a release was made of. */
export async function keepUploads(place: Place, keys: ReadonlySet<string>): Promise<void> {
  const directory = join(place.home, "uploads");
  const names = await readdir(directory).catch(() => []);
  const surplus = names.filter((name) => !name.startsWith(".") && !keys.has(name));
  await Promise.all(surplus.map((name) => rm(join(directory, name), { force: true })));
}

/** Under its name only when it is whole. Problems: DISK_SHORT, DISK_FULL, UPLOAD_TORN. */
export async function takeUpload(place: Place, piece: UploadPiece): Promise<void> {
  const directory = join(place.home, "uploads");
  const part = join(directory, `.part-${piece.key}-${process.pid}`);
  try {
    if (piece.at === 0) await begin(directory, part, piece.total);
    const bytes = Buffer.from(piece.chunk, "base64");
    const file = await open(part, "r+");
    try {
      await file.write(bytes, 0, bytes.length, piece.at);
      if (piece.at + bytes.length < piece.total) return;
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await digestFile(part)) !== piece.digest) throw torn();
    await rename(part, join(directory, piece.key));
    await prune(directory, piece.key);
  } catch (error) {
    await rm(part, { force: true });
    throw fileProblem(error, `keep the files of the release in ${directory}`);
  }
}

async function begin(directory: string, part: string, total: number): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { bytes } = await freeSpace(directory);
  if (bytes < total) throw short(directory, total, bytes);
  await (await open(part, "w", 0o600)).close();
}

/** The newest few, and nothing that a lost connection left unfinished. */
async function prune(directory: string, present: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name !== present);
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(join(directory, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  const hourAgo = Date.now() - 60 * 60_000;
  const torn = aged.filter(({ name, at }) => name.startsWith(".part-") && at < hourAgo);
  const whole = aged.filter(({ name }) => !name.startsWith("."));
  const old = whole.sort((one, other) => other.at - one.at).slice(kept - 1);
  await Promise.all([...torn, ...old].map(({ name }) => rm(join(directory, name), { force: true })));
}

function short(directory: string, total: number, free: number): Problem {
  const shown = (bytes: number): string => String(Math.ceil(bytes / 1024 ** 2));
  return new Problem({
    code: "DISK_SHORT",
    what: `The packed release is ${shown(total)} MB, and ${directory} has ${shown(free)} MB left.`,
    fix: "Free space (df -h and df -i show where), or lower `keep`.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

function torn(): Problem {
  return new Problem({
    code: "UPLOAD_TORN",
    what: "The packed release did not arrive as it was sent.",
    fix: "Deploy again.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
