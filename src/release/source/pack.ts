import { createWriteStream } from "node:fs";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { hasCode } from "../file-problem.ts";
import { type TarMember, writeTar } from "../tar/write.ts";
import { listSource } from "./directory.ts";

/** The files that a deployment takes from a directory, as a .tar.gz; the same files give the same bytes. */
export async function packDirectory(path: string, skip: string, to: string): Promise<void> {
  const files = (await listSource(path, skip)).toSorted();
  await pipeline(
    Readable.from(writeTar(membersOf(path, files))),
    createGzip(),
    createWriteStream(to, { mode: 0o600 }),
  );
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
    return found.isFile() ? { name, isExecutable, content: { bytes: await readFile(at) } } : null;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
