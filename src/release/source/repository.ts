import { resolve } from "node:path";
import { exits, Problem } from "../../problem.ts";
import { git } from "./git.ts";
import { isRepository } from "./listing.ts";

/** The repository that a directory lies in, and where in it; null outside of any. */
export async function repositoryOf(
  path: string,
): Promise<{ readonly root: string; readonly directory: string | undefined } | null> {
  if (!(await isRepository(path))) return null;
  const end = await git(["rev-parse", "--show-cdup", "--show-prefix"], { cwd: path });
  const [up = "", prefix = ""] = end.stdout.split("\n");
  return { root: resolve(path, up), directory: prefix === "" ? undefined : prefix.replace(/\/$/, "") };
}

/** The full commit id that a ref means in the repository at `path`. Problem: GIT_REF_UNKNOWN. */
export async function commitAt(path: string, ref: string): Promise<string> {
  const end = await git(["rev-parse", "--verify", "-q", "--end-of-options", `${ref}^{commit}`], {
    cwd: path,
  });
  if (end.code === 0) return end.stdout.trim();
  throw new Problem({
    code: "GIT_REF_UNKNOWN",
    what: `The repository at ${path} has no branch, tag or commit "${ref}".`,
    fix: `See what it has: git -C ${path} log --oneline --all`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

/** When the commit was made, ms since the epoch; null: no commit, or none that the repository at `path` has. */
export async function commitTime(path: string, revision: string): Promise<number | null> {
  if (!/^[0-9a-f]{40,64}$/.test(revision)) return null;
  const end = await git(["show", "-s", "--format=%ct", `${revision}^{commit}`], { cwd: path }).catch(
    () => null,
  );
  const seconds = end?.code === 0 ? Number(end.stdout.trim()) : Number.NaN;
  return Number.isSafeInteger(seconds) ? seconds * 1000 : null;
}
