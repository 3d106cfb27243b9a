import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Problem } from "../../problem.ts";

export interface Watch {
  close(): void;
}

export interface WatchOptions {
  /** Names that are not looked into, wherever they are. */
  readonly ignore?: readonly string[] | undefined;
  /** Quiet time after a change before it is told. */
  readonly quietMs?: number | undefined;
}

const alwaysIgnored: readonly string[] = ["node_modules", ".git", "logs", ".cutover"];

/**
 * Calls `changed` with the paths that changed below some files and directories, once they are quiet. One watcher per
 * directory: fs.watch's own recursion also descends into node_modules. Problem WATCH_LIMIT when the kernel allows no more.
 */
export async function watchPaths(
  paths: readonly string[],
  changed: (paths: readonly string[]) => void,
  options: WatchOptions = {},
): Promise<Watch> {
  const ignored = new Set([...alwaysIgnored, ...(options.ignore ?? [])]);
  const watchers = new Map<string, FSWatcher>();
  const found = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function note(path: string): void {
    found.add(path);
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      changed([...found].sort());
      found.clear();
    }, options.quietMs ?? 200);
  }

  async function add(directory: string, only: string | null): Promise<void> {
    const key = only === null ? directory : join(directory, only);
    if (isClosed || watchers.has(key)) return;
    const watcher = open(directory, (name) => {
      if (only === null ? ignored.has(name) : name !== only) return;
      note(join(directory, name));
      if (only === null) void addTree(join(directory, name)).catch(() => undefined);
    });
    if (watcher === null) return;
    watchers.set(key, watcher);
    watcher.once("close", () => watchers.delete(key));
    if (only === null) await addChildren(directory);
  }

  async function addChildren(directory: string): Promise<void> {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory() && !ignored.has(entry.name)) await add(join(directory, entry.name), null);
    }
  }

  async function addTree(path: string): Promise<void> {
    const stat = await lstat(path).catch(() => null);
    if (stat?.isDirectory() === true) await add(path, null);
    else watchers.get(path)?.close();
  }

  function close(): void {
    isClosed = true;
    if (timer !== null) clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  }

  try {
    for (const path of paths.map((path) => resolve(path))) {
      const stat = await lstat(path).catch(() => null);
      // A file is watched through its directory: editors replace it by rename.
      await (stat?.isDirectory() === true ? add(path, null) : add(dirname(path), basename(path)));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}

function open(directory: string, changed: (name: string) => void): FSWatcher | null {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      if (name !== null) changed(name);
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EMFILE")) {
      throw tooMany(directory, error);
    }
    return null;
  }
}

function tooMany(directory: string, cause: Error): Problem {
  const detail = {
    code: "WATCH_LIMIT",
    what: `${directory} cannot be watched.`,
    why: "The kernel allows this user no more watches.",
    fix: "Watch fewer directories, or raise it: sysctl fs.inotify.max_user_watches=524288",
  };
  return new Problem(detail, { cause });
}
