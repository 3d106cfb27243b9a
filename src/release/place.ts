import { constants } from "node:fs";
import { access, lstat, mkdir } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { Problem, exits, withState } from "../problem.ts";
import { hasCode, fileProblem } from "./file-problem.ts";
import { ensureKey } from "./digest.ts";

/** The directories of one app on this host; all absolute. */
export interface Place {
  readonly path: string;
  readonly releases: string;
  readonly shared: string;
  /** The link that says which release is live. */
  readonly current: string;
  readonly home: string;
  /** One small file per release: its state. */
  readonly records: string;
  readonly store: string;
  readonly mirrors: string;
  /** Releases on their way out, so that a half removed one is never seen under releases/. */
  readonly trash: string;
  readonly key: string;
}

/** The paths alone; touches nothing. A path that begins with ~/ lies in this user's home directory. */
export function placeAt(written: string): Place {
  const path = written.startsWith("~/") ? join(homedir(), written.slice(2)) : written;
  const home = join(path, ".cutover");
  return {
    path,
    releases: join(path, "releases"),
    shared: join(path, "shared"),
    current: join(path, "current"),
    home,
    records: join(home, "releases"),
    store: join(home, "store"),
    mirrors: join(home, "git"),
    trash: join(home, "trash"),
    key: join(home, "key"),
  };
}

/** Creates what is missing. Problems: PLACE_DENIED, PLACE_NOT_DIRECTORY, CURRENT_TAKEN, DISK_FULL. */
export async function openPlace(path: string): Promise<Place> {
  const place = placeAt(path);
  const directories = [place.releases, place.shared, place.records, place.store, place.mirrors, place.trash];
  for (const directory of directories) await createDirectory(directory, place.path);
  await refuseForeignCurrent(place);
  await ensureKey(place.key);
  return place;
}

export function releasePath(place: Place, id: string): string {
  return join(place.releases, id);
}

async function createDirectory(directory: string, place: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "EEXIST")) throw notDirectory(directory, error);
    const cause = await realCause(directory, error);
    const problem = fileProblem(cause, `create or write ${directory}`);
    if (!(problem instanceof Problem)) throw problem;
    const owned = hasCode(cause, "EACCES", "EPERM") ? ownedBy(problem, place) : problem;
    throw withState(owned, "Nothing was changed.", exits.refused);
  }
}

function ownedBy({ detail, cause }: Problem, path: string): Problem {
  const user = userInfo().username;
  const fix = `Give it to the user who deploys: sudo install -d -o ${user} ${path}`;
  return new Problem({ ...detail, fix }, { cause });
}

/** Node answers ENOENT when a directory cannot be made on a read-only file system: what is there already says why. */
async function realCause(directory: string, error: unknown): Promise<unknown> {
  if (!hasCode(error, "ENOENT")) return error;
  for (let at = directory; at !== dirname(at); at = dirname(at)) {
    if ((await lstat(at).catch(() => null)) === null) continue;
    return await access(at, constants.W_OK).then(
      () => error,
      (reason: unknown) => reason,
    );
  }
  return error;
}

function notDirectory(directory: string, cause: unknown): Problem {
  return new Problem(
    {
      code: "PLACE_NOT_DIRECTORY",
      what: `${directory} cannot be a directory: the path, or a part of it, is already a file.`,
      fix: "Move that file away, or set another `path:` in cutover.yml.",
      state: "Nothing was changed.",
      exit: exits.refused,
    },
    { cause },
  );
}

/** Renaming a link over a real directory is impossible, and moving it aside would be an outage: say so first. */
export async function refuseForeignCurrent(place: Place): Promise<void> {
  const found = await lstat(place.current).catch(() => null);
  if (found === null || found.isSymbolicLink()) return;
  const kind = found.isDirectory() ? "directory" : "file";
  throw new Problem({
    code: "CURRENT_TAKEN",
    what: `${place.current} is a ${kind}, not a link.`,
    why: "cutover switches releases by renaming a link over it, which cannot replace it without an outage.",
    fix: `Move it once: mv ${place.current} ${place.releases}/20000101000000 && ln -s releases/20000101000000 ${place.current}`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
