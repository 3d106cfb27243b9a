import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { HomePaths } from "../home.ts";
import { packageFiles, packageRoot, packageVersion, type PackageFile } from "./files.ts";

/** `<version>-<digest>` of a package's content: the name of its directory in versions/, on every host. */
export function packageId(home: HomePaths, root: string = packageRoot): string {
  if (isInstalled(home, root)) return basename(root);
  const files = packageFiles(root);
  return remembered(join(home.home, "packages"), stamp(files), () => contentId(root, files));
}

export function isInstalled(home: HomePaths, root: string = packageRoot): boolean {
  return dirname(root) === home.versions;
}

function contentId(root: string, files: readonly PackageFile[]): string {
  const hash = createHash("sha256");
  for (const { name, from } of files) hash.update(`${name}\0`).update(readFileSync(from)).update("\0");
  return `${packageVersion(root)}-${hash.digest("hex").slice(0, 12)}`;
}

/** Changes when a file does, without reading any. */
function stamp(files: readonly PackageFile[]): string {
  const hash = createHash("sha256");
  for (const { name, from } of files) {
    const { size, mtimeMs, ino } = statSync(from);
    hash.update(`${name} ${size} ${mtimeMs} ${ino}\n`);
  }
  return hash.digest("hex").slice(0, 24);
}

/** Reading every file takes ten times as long as looking at them; where nothing can be kept it is read. */
function remembered(directory: string, key: string, make: () => string): string {
  const file = join(directory, "id");
  const [knownKey, knownId] = read(file).split(" ");
  if (knownKey === key && knownId !== undefined) return knownId;
  const id = make();
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const part = `${file}.${process.pid}`;
    writeFileSync(part, `${key} ${id}`);
    renameSync(part, file);
  } catch {
    // Only speed is lost.
  }
  return id;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
