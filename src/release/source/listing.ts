import { lstat, readFile, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { Problem, exits } from "../../problem.ts";
import { git, gitOutput, lastLine } from "./git.ts";

/** Whether a directory lies in a git repository. Problem: GIT_FAILED when git refuses to look at it. */
export async function isRepository(path: string): Promise<boolean> {
  const end = await git(["rev-parse", "--is-inside-work-tree"], { cwd: path }).catch((error: unknown) => {
    if (error instanceof Problem && error.detail.code === "GIT_MISSING") return null;
    throw error;
  });
  if (end === null) return refuseWithoutGit(path);
  if (end.code === 0) return end.stdout.trim() === "true";
  if (end.stderr.includes("not a git repository")) return false;
  throw new Problem({
    code: "GIT_FAILED",
    what: `git refuses to read the repository at ${path}.`,
    why: lastLine(end.stderr),
    fix: end.stderr.includes("safe.directory")
      ? `git config --global --add safe.directory ${path}`
      : undefined,
    exit: exits.refused,
  });
}

/** Without git nobody knows which files are ignored, and ignored files are often secrets. */
async function refuseWithoutGit(path: string): Promise<false> {
  if ((await lstat(join(path, ".git")).catch(() => null)) === null) return false;
  throw new Problem({
    code: "GIT_MISSING",
    what: `${path} is a git repository, but git is not installed on this host.`,
    fix: "Install it, for example: sudo apt-get install git",
    exit: exits.refused,
  });
}

/** The files a deploy takes from a directory, relative to it: tracked plus untracked but not ignored; all, without git. */
export async function listFiles(path: string, skip: string): Promise<readonly string[]> {
  if (await isRepository(path)) return listRepository(path, await pathspecWithout(path, skip));
  return listDirectory(path, await hiddenPaths(path, skip));
}

/** For git: everything below `path` but the releases themselves, when the place `skip` lies there. */
export async function pathspecWithout(path: string, skip: string): Promise<readonly string[]> {
  return [".", ...(await hiddenPaths(path, skip)).map((hidden) => `:(exclude,literal)${hidden}`)];
}

async function hiddenPaths(path: string, skip: string): Promise<readonly string[]> {
  const [source, place] = await Promise.all([realpath(path), realpath(skip).catch(() => skip)]);
  if (source === place) return ["releases", "shared", "current", ".cutover"];
  return place.startsWith(`${source}/`) ? [place.slice(source.length + 1)] : [];
}

/** A submodule, or a repository inside this one, is listed as a directory: its files are listed by its own rules. */
async function listRepository(path: string, pathspec: readonly string[]): Promise<readonly string[]> {
  const argv = ["ls-files", "-co", "--exclude-standard", "-z", "--", ...pathspec];
  const output = await gitOutput(argv, { cwd: path });
  const files: string[] = [];
  for (const entry of new Set(output.split("\0").filter((name) => name !== ""))) {
    const name = entry.replace(/\/$/, "");
    const found = await lstat(join(path, name)).catch(() => null);
    if (found === null) continue;
    if (!found.isDirectory()) files.push(name);
    else for (const inner of await listNested(join(path, name))) files.push(`${name}/${inner}`);
  }
  return files;
}

/** A submodule that was never checked out is an empty directory of the outer repository. */
async function listNested(path: string): Promise<readonly string[]> {
  const isOwn = (await lstat(join(path, ".git")).catch(() => null)) !== null;
  return isOwn ? listRepository(path, ["."]) : [];
}

const neverTaken = new Set(["node_modules", ".git", ".cutover"]);

async function listDirectory(root: string, hidden: readonly string[]): Promise<readonly string[]> {
  const ignored = await readIgnored(root);
  const files: string[] = [];
  const pending = [""];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await readdir(join(root, at), { withFileTypes: true })) {
      const name = at === "" ? entry.name : `${at}/${entry.name}`;
      if (neverTaken.has(entry.name) || hidden.includes(name) || ignored(name, entry.name)) continue;
      if (entry.isDirectory()) pending.push(name);
      else files.push(name);
    }
  }
  return files.sort();
}

/** `.cutoverignore`: one name, path or pattern with * per line, for directories outside git. */
async function readIgnored(root: string): Promise<(path: string, name: string) => boolean> {
  const text = await readFile(join(root, ".cutoverignore"), "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  const patterns = lines.filter((line) => line !== "" && !line.startsWith("#")).map(toPattern);
  return (path, name) => patterns.some((pattern) => pattern.test(path) || pattern.test(name));
}

function toPattern(line: string): RegExp {
  const bare = line.replace(/^\/|\/$/g, "");
  const escaped = bare.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^${escaped}$`);
}
