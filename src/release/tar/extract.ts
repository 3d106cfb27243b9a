import { mkdir, open, rm, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { Problem } from "../../problem.ts";
import { freeSpace } from "../space.ts";
import type { TarEntry } from "./header.ts";
import { staysInside } from "./links.ts";
import { type TarSink, readTar } from "./read.ts";

export interface TarLimits {
  readonly bytes: number;
  readonly entries: number;
}

const defaultLimits: TarLimits = { bytes: 32 * 1024 ** 3, entries: 1_000_000 };

/**
 * Unpacks into an empty directory. Links are made last, so that nothing is ever written through one.
 * Problems: ARTIFACT_REFUSED (a member that could reach outside, or absurd sizes), ARTIFACT_DAMAGED.
 */
export async function extractTar(
  stream: AsyncIterable<Buffer>,
  target: string,
  limits: TarLimits = defaultLimits,
): Promise<void> {
  const links = new Map<string, string>();
  const made = new Set<string>();
  const count = openCount(target, limits);
  await readTar(stream, {
    async begin(entry): Promise<TarSink | null> {
      const path = safePath(entry);
      await count(entry);
      if (entry.kind === "directory") await makeDirectory(target, path, made);
      else if (entry.kind === "symlink") links.set(path, entry.linkName);
      else return openFile(target, path, entry, { links, made });
      return null;
    },
  });
  await makeLinks(target, links, made);
}

interface Seen {
  readonly links: Map<string, string>;
  readonly made: Set<string>;
}

async function openFile(target: string, path: string, entry: TarEntry, seen: Seen): Promise<TarSink> {
  if (entry.kind !== "file") throw refused(entry.name, `it is a ${entry.kind}`, fixFor(entry));
  if (path === "") throw refused(entry.name, "its name is empty");
  await makeDirectory(target, posix.dirname(path), seen.made);
  seen.links.delete(path);
  const at = join(target, path);
  await rm(at, { force: true });
  const file = await open(at, "wx", (entry.mode & 0o755) | 0o600);
  return { write: (chunk) => file.writeFile(chunk), end: () => file.close() };
}

async function makeDirectory(target: string, path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return;
  await mkdir(join(target, path), { recursive: true });
  made.add(path);
}

async function makeLinks(
  target: string,
  links: ReadonlyMap<string, string>,
  made: Set<string>,
): Promise<void> {
  for (const path of links.keys()) {
    if (!staysInside(links, path)) throw refused(path, `it is a link out of the tree, to ${links.get(path)}`);
  }
  for (const [path, to] of links) {
    await makeDirectory(target, posix.dirname(path), made);
    const at = join(target, path);
    await rm(at, { force: true }).catch(() => null);
    await symlink(to, at).catch((error: unknown) => {
      throw refused(path, `a file or directory and a link share the name (${String(error)})`);
    });
  }
}

/** The path inside the tree, "" for its root. Refuses names that could lead out of it. */
function safePath(entry: TarEntry): string {
  if (posix.isAbsolute(entry.name)) throw refused(entry.name, "its path is absolute");
  if (/[\0\\]/.test(entry.name)) throw refused(entry.name, "its name holds a zero byte or a backslash");
  const parts = entry.name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(entry.name, "its path leads out of the tree");
  if (parts.some((part) => Buffer.byteLength(part) > 255) || entry.name.length > 4000) {
    throw refused(`${entry.name.slice(0, 60)}...`, "its name is absurdly long");
  }
  return parts.join("/");
}

/** Counts what is declared before a byte of it is written; the disk's free space is a limit like the others. */
function openCount(target: string, limits: TarLimits): (entry: TarEntry) => Promise<void> {
  let bytes = 0;
  let entries = 0;
  let room: number | null = null;
  return async (entry) => {
    room ??= (await freeSpace(dirname(target))).bytes;
    bytes += entry.kind === "file" ? entry.size : 0;
    entries += 1;
    if (bytes > limits.bytes)
      throw refused(entry.name, `the archive unpacks to more than ${limits.bytes} bytes`);
    if (entries > limits.entries)
      throw refused(entry.name, `the archive has more than ${limits.entries} members`);
    if (bytes > room)
      throw refused(entry.name, `the archive unpacks to more than the ${room} bytes free here`);
  };
}

function fixFor(entry: TarEntry): string | undefined {
  if (entry.kind === "hard link") return "Pack it with: tar --hard-dereference";
  return undefined;
}

function refused(name: string, why: string, fix?: string): Problem {
  return new Problem({
    code: "ARTIFACT_REFUSED",
    what: `The artifact was refused at its member "${name}": ${why}.`,
    why: "cutover unpacks only files, directories and links that stay inside the release.",
    fix: fix ?? "Pack the artifact again from a clean directory, with relative paths.",
  });
}
