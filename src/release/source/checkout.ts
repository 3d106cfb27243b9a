import { mkdir, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { exits, Problem } from "../../problem.ts";
import type { Place } from "../place.ts";
import { git, gitOutput } from "./git.ts";
import { mirrorCommit } from "./mirror.ts";

export interface Checkout {
  readonly url: string;
  readonly commit: string;
  /** A directory of the repository, taken instead of all of it. */
  readonly part?: string | undefined;
  readonly target: string;
  readonly signal?: AbortSignal | undefined;
}

const deepest = 5;

/** Writes the files of a commit, submodules included, without a .git directory. Problems: GIT_*. */
export async function checkOut(place: Place, what: Checkout, depth = 0): Promise<void> {
  const mirror = await mirrorCommit(place, what.url, what.commit, what.signal);
  const tree = await treeOf(mirror, what);
  const index = join(place.trash, `index-${what.commit.slice(0, 12)}-${process.pid}-${Date.now()}`);
  const env = { GIT_DIR: mirror, GIT_WORK_TREE: what.target, GIT_INDEX_FILE: index };
  const options = { cwd: what.target, env, signal: what.signal, timeoutMs: 10 * 60_000 };
  try {
    await gitOutput(["read-tree", tree], options);
    await gitOutput(["checkout-index", "--all", "--force"], options);
  } finally {
    await rm(index, { force: true });
  }
  for (const inner of await listSubmodules(mirror, what, tree)) {
    if (depth >= deepest) throw tooDeep(what.url);
    await mkdir(inner.target, { recursive: true });
    await checkOut(place, inner, depth + 1);
  }
}

async function treeOf(mirror: string, { commit, part }: Checkout): Promise<string> {
  if (part === undefined) return commit;
  const tree = `${commit}:${part}`;
  const found = await git(["cat-file", "-t", tree], { cwd: mirror });
  if (found.stdout.trim() === "tree") return tree;
  throw new Problem({
    code: "GIT_DIRECTORY_MISSING",
    what: `Commit ${commit.slice(0, 8)} has no directory ${part}.`,
    fix: `See what it has: git ls-tree ${commit.slice(0, 8)}`,
    exit: exits.refused,
  });
}

async function listSubmodules(mirror: string, what: Checkout, tree: string): Promise<readonly Checkout[]> {
  const listing = await gitOutput(["ls-tree", "-r", "-z", tree], { cwd: mirror });
  const links = listing.split("\0").filter((line) => line.startsWith("160000 "));
  if (links.length === 0) return [];
  const urls = await submoduleUrls(mirror, what.commit);
  return links.flatMap((line) => {
    const [head = "", path = ""] = line.split("\t");
    const url = urls.get(posix.join(what.part ?? "", path));
    if (url === undefined) return [];
    const target = join(what.target, path);
    return [
      { url: absoluteUrl(what.url, url), commit: head.split(" ")[2] ?? "", target, signal: what.signal },
    ];
  });
}

async function submoduleUrls(mirror: string, commit: string): Promise<ReadonlyMap<string, string>> {
  const argv = [
    "config",
    "-z",
    "--blob",
    `${commit}:.gitmodules`,
    "--get-regexp",
    "^submodule\\..*\\.(path|url)$",
  ];
  const end = await git(argv, { cwd: mirror });
  const values = new Map(
    end.stdout.split("\0").map((entry) => {
      const cut = entry.indexOf("\n");
      return [entry.slice(0, cut), entry.slice(cut + 1)] as const;
    }),
  );
  const urls = new Map<string, string>();
  for (const [key, path] of values) {
    const url = key.endsWith(".path") ? values.get(key.replace(/path$/, "url")) : undefined;
    if (url !== undefined) urls.set(path, url);
  }
  return urls;
}

/** A submodule may be given relative to the repository that holds it: "../library.git". */
function absoluteUrl(base: string, url: string): string {
  if (!url.startsWith("./") && !url.startsWith("../")) return url;
  const cut = /^([a-z+]+:\/\/[^/]+|[^/:]+:)?(.*)$/.exec(base);
  return `${cut?.[1] ?? ""}${posix.join(cut?.[2] ?? base, url)}`;
}

function tooDeep(url: string): Problem {
  return new Problem({
    code: "GIT_SUBMODULES_DEEP",
    what: `The submodules of ${url} are nested more than ${deepest} deep.`,
    fix: "Deploy an artifact instead.",
  });
}
