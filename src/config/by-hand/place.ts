import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, resolve, sep } from "node:path";

/** A path as a person means it, and what was changed to get there. */
export interface Place {
  readonly path: string;
  readonly note?: string | undefined;
}

/** The shell's own name of the working directory, so that a `current` link in it is resolved anew at each launch. */
export function logicalDirectory(physical: string, pwd: string | undefined): string {
  if (pwd === undefined || !isAbsolute(pwd) || pwd.split(sep).includes("..")) return physical;
  return isSameDirectory(pwd, physical) ? resolve(pwd) : physical;
}

/** `<root>/releases/<x>/...` becomes `<root>/current/...` when that is where `current` leads now. */
export function throughCurrent(path: string): Place {
  const parts = path.split(sep);
  const at = parts.lastIndexOf("releases");
  const release = parts[at + 1];
  if (at < 1 || release === undefined || release === "") return { path };
  const root = parts.slice(0, at).join(sep);
  const current = join(root, "current");
  if (!isSameDirectory(current, join(root, "releases", release))) return { path };
  const followed = join(current, ...parts.slice(at + 2));
  return {
    path: followed,
    note: `${path} is followed through ${current}, so that a reload finds the next release.`,
  };
}

/** A path below the real directory `physical` is told below its logical name. */
export function relocate(path: string, physical: string, logical: string): string {
  if (path === physical) return logical;
  return path.startsWith(physical + sep) ? join(logical, path.slice(physical.length + 1)) : path;
}

export function realDirectory(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isSameDirectory(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.isDirectory() && a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
