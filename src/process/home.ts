import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { exits, Problem } from "../problem.ts";
import { codeOf } from "./supervisor/error-code.ts";

/** Absolute paths of everything cutover keeps for one user on a host. */
export interface HomePaths {
  /** $CUTOVER_HOME, default ~/.cutover. */
  readonly home: string;
  /** Directory of the sockets: the home, or a short one under /tmp when the home is too long for unix sockets. */
  readonly sockets: string;
  readonly supervisorSocket: string;
  readonly state: string;
  readonly supervisorLog: string;
  readonly logs: string;
  /** Holds run/<service id>/<serial>/<pid>.ctl and .probe. */
  readonly run: string;
  readonly versions: string;
}

/** sun_path holds 108 bytes, the last one a NUL. */
const socketPathBytes = 107;
const longestInside = "/run/999999/9999999/4194304.probe";

export function homePaths(env: Readonly<Record<string, string | undefined>>): HomePaths {
  const home = resolve(env["CUTOVER_HOME"] || join(env["HOME"] || userInfo().homedir, ".cutover"));
  const sockets = fitsSockets(home) ? home : shortDirectory(home);
  return {
    home,
    sockets,
    supervisorSocket: join(sockets, "supervisor.sock"),
    state: join(home, "state.json"),
    supervisorLog: join(home, "supervisor.log"),
    logs: join(home, "logs"),
    run: join(sockets, "run"),
    versions: join(home, "versions"),
  };
}

/** Creates the directories, 0700. Problem HOME_UNSAFE when another user owns one of them. */
export async function ensureHome(paths: HomePaths): Promise<void> {
  await ensurePrivate(paths.home, "follow");
  // Anyone may have prepared a link of that name in /tmp.
  if (paths.sockets !== paths.home) await ensurePrivate(paths.sockets, "refuse");
  for (const directory of [paths.logs, paths.run, paths.versions]) await ensurePrivate(directory, "follow");
}

function fitsSockets(home: string): boolean {
  return Buffer.byteLength(home + longestInside) <= socketPathBytes;
}

/** Not $TMPDIR: the command line and the supervisor must agree on it whatever their environment. */
function shortDirectory(home: string): string {
  const digest = createHash("sha256").update(home).digest("hex").slice(0, 12);
  return `/tmp/cutover-${String(userInfo().uid)}-${digest}`;
}

async function ensurePrivate(directory: string, links: "follow" | "refuse"): Promise<void> {
  try {
    await makeDirectory(directory);
    const found = await (links === "follow" ? stat(directory) : lstat(directory));
    if (!found.isDirectory()) throw unsafe(directory, "It is not a directory.");
    if (found.uid !== userInfo().uid) throw unsafe(directory, `It belongs to user id ${String(found.uid)}.`);
    if ((found.mode & 0o077) !== 0) await chmod(directory, 0o700);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unsafe(directory, error instanceof Error ? `${error.message}.` : String(error), error);
  }
}

/** Not recursive mkdir: where a parent exists and refuses children with ENOENT, as /proc does, Node's never returns. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return;
    const parent = dirname(directory);
    if (code !== "ENOENT" || (await stat(parent).catch(() => null)) !== null) throw error;
    await makeDirectory(parent);
    await mkdir(directory, { mode: 0o700 });
  }
}

function unsafe(directory: string, why: string, cause?: unknown): Problem {
  const detail = {
    code: "HOME_UNSAFE",
    what: `cutover cannot keep its files in ${directory}.`,
    why,
    fix: "Remove it, or set CUTOVER_HOME to a directory of your own.",
    state: "Nothing was changed.",
    exit: exits.refused,
  };
  return new Problem(detail, { cause });
}
