import { createWriteStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { hasCode } from "../file-problem.ts";
import { type TarMember, writeTar } from "../tar/write.ts";
import { listSource } from "./directory.ts";

/** The files that a deployment takes from a directory, as a .tar.gz; the same files give the same bytes. */
export async function packDirectory(path: string, skip: string, to: string): Promise<void> {
  await pack(path, await listSource(path, skip), to);
}

/** All that lies below a directory but `without`, as a .tar.gz, and what it will take when it is unpacked. */
export async function packTree(
  path: string,
  without: readonly string[],
  to: string,
): Promise<{ readonly bytes: number; readonly files: number }> {
  const names = (await listTree(path)).filter((name) => !without.includes(name));
  await pack(path, names, to);
  let bytes = 0;
  for (const name of names) bytes += (await lstat(join(path, name)).catch(() => null))?.size ?? 0;
  return { bytes, files: names.length };
}

async function pack(path: string, names: readonly string[], to: string): Promise<void> {
  await pipeline(
    Readable.from(writeTar(membersOf(path, names.toSorted()))),
    createGzip(),
    createWriteStream(to, { mode: 0o600 }),
  );
}

/** Files, links and empty directories. */
async function listTree(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const pending = [""];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const entries = await readdir(join(root, at), { withFileTypes: true });
    if (entries.length === 0 && at !== "") found.push(at);
    for (const entry of entries) {
      const name = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) pending.push(name);
      else found.push(name);
    }
  }
  return found;
}

async function* membersOf(path: string, files: readonly string[]): AsyncGenerator<TarMember> {
  for (const name of files) {
    const member = await memberOf(path, name);
    if (member !== null) yield member;
  }
}

/** A file that vanishes while it is packed was being edited: it is as if it had vanished before. */
async function memberOf(path: string, name: string): Promise<TarMember | null> {
  try {
    const at = join(path, name);
    const found = await lstat(at);
    const isExecutable = (found.mode & 0o111) !== 0;
    if (found.isSymbolicLink()) return { name, isExecutable, content: { linkTo: await readlink(at) } };
    if (found.isDirectory()) return { name, isExecutable, content: { isDirectory: true } };
    return found.isFile() ? { name, isExecutable, content: { bytes: await readFile(at) } } : null;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
