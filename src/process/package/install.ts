import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exits, Problem } from "../../problem.ts";
import { ensureHome, type HomePaths } from "../home.ts";
import { packageFiles, packageRoot, type PackageFile } from "./files.ts";
import { isInstalled, packageId } from "./identity.ts";
import { pruneVersions } from "./prune.ts";

const atOnce = 16;

/**
 * The root of this version's copy in $CUTOVER_HOME/versions, made when it is not there. What runs for long runs from there:
 * the package that was called may be a project's own dependency, and gone a minute later. Problem: VERSION_NOT_INSTALLED.
 */
export async function installPackage(home: HomePaths, from: string = packageRoot): Promise<string> {
  if (isInstalled(home, from)) return from;
  const root = join(home.versions, packageId(home, from));
  if (await isThere(root)) return root;
  await ensureHome(home);
  const part = join(home.versions, `.part-${randomBytes(6).toString("hex")}`);
  try {
    await copyFiles(packageFiles(from), part);
    await writeFile(join(part, ".node"), `${process.execPath}\n`);
    await rename(part, root);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    // Somebody else was faster, with the same content.
    if (!(await isThere(root))) throw notInstalled(root, error);
  }
  await pruneVersions(home);
  return root;
}

async function isThere(root: string): Promise<boolean> {
  return (await stat(root).catch(() => null)) !== null;
}

async function copyFiles(files: readonly PackageFile[], to: string): Promise<void> {
  const directories = new Set(files.map(({ name }) => dirname(join(to, name))));
  for (const directory of directories) await mkdir(directory, { recursive: true, mode: 0o700 });
  const left = files.values();
  const worker = async (): Promise<void> => {
    for (const { name, from } of left) await writeFile(join(to, name), await readFile(from));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Synced: after a power cut a name without its content would stand for the whole version. */
async function writeFile(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function notInstalled(root: string, cause: unknown): Problem {
  return new Problem(
    {
      code: "VERSION_NOT_INSTALLED",
      what: `cutover could not put a copy of itself into ${root}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "Free space there (df -h and df -i show where), or set CUTOVER_HOME to a directory of your own.",
      state: "Nothing was started.",
      exit: exits.refused,
    },
    { cause },
  );
}
