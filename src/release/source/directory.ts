import { constants } from "node:fs";
import { chmod, copyFile, lstat, mkdir, readlink, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Problem, exits } from "../../problem.ts";
import { digestFile, digestText } from "../digest.ts";
import { hasCode } from "../file-problem.ts";
import { forEachOf } from "../parallel.ts";
import type { Revision } from "../revision.ts";
import { gitOutput } from "./git.ts";
import { isRepository, listFiles, pathspecWithout } from "./listing.ts";

/** Copies the files of a directory, with their modes and links as they are. Problem: SOURCE_EMPTY, SOURCE_MISSING. */
export async function copyDirectory(path: string, target: string, skip: string): Promise<void> {
  const files = await listSource(path, skip);
  const directories = new Set(files.map((file) => dirname(file)));
  for (const directory of directories) await mkdir(join(target, directory), { recursive: true });
  await forEachOf(files, (file) => copyEntry(join(path, file), join(target, file)));
}

/** HEAD, with "-dirty-<hash>" when files differ from it; a digest of the content outside git. */
export async function directoryRevision(path: string, skip: string): Promise<Revision> {
  const files = await listSource(path, skip);
  if (!(await isRepository(path))) {
    const digest = (await digestEntries(path, files)).slice(0, 40);
    return { revision: digest, label: `files ${digest.slice(0, 8)}` };
  }
  const head = (
    await gitOutput(["rev-parse", "--verify", "-q", "HEAD"], { cwd: path }).catch(() => "")
  ).trim();
  const pathspec = await pathspecWithout(path, skip);
  const argv = ["status", "--porcelain", "-z", "--untracked-files=all", "--", ...pathspec];
  const status = await gitOutput(argv, { cwd: path });
  const branch = (await gitOutput(["branch", "--show-current"], { cwd: path }).catch(() => "")).trim();
  const name = branch === "" ? "" : `${branch} `;
  if (head !== "" && status === "") return { revision: head, label: `${name}${head.slice(0, 8)}` };
  const dirty = (await digestEntries(path, files)).slice(0, 8);
  const base = head === "" ? "unborn" : head;
  return { revision: `${base}-dirty-${dirty}`, label: `${name}${base.slice(0, 8)} with changes ${dirty}` };
}

/** Bytes and number of the files that would be copied. */
export async function measureDirectory(
  path: string,
  skip: string,
): Promise<{ bytes: number; inodes: number }> {
  const files = await listSource(path, skip);
  let bytes = 0;
  await forEachOf(files, async (file) => {
    bytes += (await lstat(join(path, file)).catch(() => null))?.size ?? 0;
  });
  return { bytes, inodes: files.length };
}

export async function listSource(path: string, skip: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) {
    throw new Problem({
      code: "SOURCE_MISSING",
      what: `The source ${path} is not a directory on this host.`,
      fix: "Set `source:` in cutover.yml to a directory, a git URL or an artifact.",
      exit: exits.refused,
    });
  }
  const files = await listFiles(path, skip);
  if (files.length > 0) return files;
  throw new Problem({
    code: "SOURCE_EMPTY",
    what: `There is no file to deploy in ${path}.`,
    why: "Files that git ignores are not taken.",
    fix: `See what would be taken: git -C ${path} ls-files -co --exclude-standard`,
    exit: exits.refused,
  });
}

/** A file that vanishes while it is copied was being edited: it is as if it had vanished before. */
async function copyEntry(from: string, to: string): Promise<void> {
  try {
    const found = await lstat(from);
    if (found.isSymbolicLink()) return await symlink(await readlink(from), to);
    if (!found.isFile()) return;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, (found.mode & 0o777) | 0o600);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

async function digestEntries(path: string, files: readonly string[]): Promise<string> {
  const digests = new Map<string, string>();
  await forEachOf(files, async (file) => {
    const at = join(path, file);
    const found = await lstat(at).catch(() => null);
    if (found === null) return;
    const content = found.isSymbolicLink() ? await readlink(at) : found.isFile() ? await digestFile(at) : "";
    digests.set(file, `${(found.mode & 0o111) === 0 ? "-" : "x"}${content}`);
  });
  return digestText(...[...digests].sort(([a], [b]) => (a < b ? -1 : 1)).flat());
}
