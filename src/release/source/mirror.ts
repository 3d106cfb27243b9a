import { mkdir, rm, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { SourceSpec } from "../../plan/spec.ts";
import { Problem, exits } from "../../problem.ts";
import { digestText } from "../digest.ts";
import type { Place } from "../place.ts";
import type { ProgramEnd } from "../program.ts";
import type { Revision } from "../revision.ts";
import { git, gitOutput, lastLine } from "./git.ts";
import { remoteOf, withoutSecret } from "./remote.ts";

type GitSource = Extract<SourceSpec, { kind: "git" }>;

const fetchTimeoutMs = 10 * 60_000;
const commitId = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** The commit that a ref means at the remote now: one round trip, nothing fetched unless the ref is a short commit id. */
export async function remoteRevision(
  source: GitSource,
  place: Place,
  signal?: AbortSignal,
): Promise<Revision> {
  refuseOption(source);
  const ref = source.ref === "" ? "HEAD" : source.ref;
  if (commitId.test(ref)) return { revision: ref, label: ref.slice(0, 8) };
  const remote = remoteOf(source.url);
  const end = await git([...remote.options, "ls-remote", "--", remote.url], {
    env: remote.env,
    timeoutMs: 60_000,
    signal,
  });
  if (end.code !== 0) throw unreachable(source.url, end);
  const commit =
    pickRef(end.stdout, ref) ??
    (await localCommit(source.url, ref)) ??
    (await shortCommit(source, ref, place, signal));
  return { revision: commit, label: `${ref} ${commit.slice(0, 8)}` };
}

/** Brings a commit into the bare mirror on this host and returns the mirror's path; no network when it is there. */
export async function mirrorCommit(
  place: Place,
  url: string,
  commit: string,
  signal?: AbortSignal,
): Promise<string> {
  const mirror = mirrorOf(place, url);
  if (await hasCommit(mirror, commit)) return mirror;
  await openMirror(mirror);
  await fetchInto(mirror, url, ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], signal);
  if (await hasCommit(mirror, commit)) return mirror;
  // A commit that no branch or tag holds any more; many servers still hand it out by its id.
  await fetchInto(mirror, url, [commit], signal).catch(() => null);
  if (await hasCommit(mirror, commit)) return mirror;
  throw unknownRef(url, commit);
}

/** One for a repository, whatever token it is read with. */
export function mirrorOf(place: Place, url: string): string {
  return join(place.mirrors, `${digestText(remoteOf(url).url).slice(0, 16)}.git`);
}

/** A mirror torn by a crash or a full disk is only a cache: it is made again. */
async function openMirror(mirror: string): Promise<void> {
  const isThere = (await stat(mirror).catch(() => null)) !== null;
  if (isThere && (await git(["rev-parse", "--git-dir"], { cwd: mirror })).code === 0) {
    await rm(join(mirror, "shallow.lock"), { force: true });
    return;
  }
  await rm(mirror, { recursive: true, force: true });
  await mkdir(mirror, { recursive: true });
  await gitOutput(["init", "--quiet", "--bare", mirror]);
}

async function fetchInto(
  mirror: string,
  url: string,
  refs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const remote = remoteOf(url);
  const options = ["--quiet", "--prune", "--no-write-fetch-head", "--force"];
  const argv = [...remote.options, "fetch", ...options, "--", remote.url, ...refs];
  const end = await git(argv, { cwd: mirror, env: remote.env, timeoutMs: fetchTimeoutMs, signal });
  if (end.code !== 0) throw unreachable(url, end);
}

async function hasCommit(mirror: string, commit: string): Promise<boolean> {
  if ((await stat(mirror).catch(() => null)) === null) return false;
  return (await git(["cat-file", "-e", `${commit}^{commit}`], { cwd: mirror })).code === 0;
}

/** ls-remote lists an annotated tag twice; the line with ^{} is the commit. */
function pickRef(listing: string, ref: string): string | undefined {
  const commits = new Map<string, string>();
  for (const line of listing.split("\n")) {
    const [commit, name] = line.split("\t");
    if (commit !== undefined && name !== undefined) commits.set(name, commit);
  }
  const names = [ref, `refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`];
  return names.map((name) => commits.get(name)).find((commit) => commit !== undefined);
}

/** A repository on this machine knows what HEAD~1 means. */
async function localCommit(url: string, ref: string): Promise<string | undefined> {
  const path = url.replace(/^file:\/\//, "");
  if (!isAbsolute(path)) return undefined;
  const argv = ["rev-parse", "--verify", "-q", "--end-of-options", `${ref}^{commit}`];
  const end = await git(argv, { cwd: path });
  return end.code === 0 ? end.stdout.trim() : undefined;
}

async function shortCommit(
  source: GitSource,
  ref: string,
  place: Place,
  signal?: AbortSignal,
): Promise<string> {
  if (!/^[0-9a-f]{7,39}$/.test(ref)) throw unknownRef(source.url, ref);
  const mirror = mirrorOf(place, source.url);
  await openMirror(mirror);
  await fetchInto(mirror, source.url, ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], signal);
  const end = await git(["rev-parse", "--verify", "-q", `${ref}^{commit}`], { cwd: mirror });
  if (end.code !== 0) throw unknownRef(source.url, ref);
  return end.stdout.trim();
}

function refuseOption(source: GitSource): void {
  for (const word of [source.url, source.ref]) {
    if (word.startsWith("-")) throw unknownRef(source.url, word);
  }
}

function unknownRef(url: string, ref: string): Problem {
  return new Problem({
    code: "GIT_REF_UNKNOWN",
    what: `The repository ${withoutSecret(url)} has no branch, tag or commit "${ref}".`,
    fix: `See what it has: git ls-remote ${withoutSecret(url)}`,
    exit: exits.refused,
  });
}

function unreachable(url: string, end: ProgramEnd): Problem {
  const said = withoutSecret(end.stderr);
  const isDenied = /denied|could not read username|authentication failed|terminal prompts disabled/i.test(
    said,
  );
  const shown = withoutSecret(url);
  return new Problem({
    code: isDenied ? "GIT_DENIED" : "GIT_UNREACHABLE",
    what: isDenied ? `The repository ${shown} refuses this host.` : `The repository ${shown} cannot be read.`,
    why: lastLine(said) || "It did not answer in time.",
    fix: isDenied
      ? "Give this host's user a deploy key, or a token in the URL's place; try: git ls-remote " + shown
      : `Check that it still exists and that this host reaches it: git ls-remote ${shown}`,
    evidence: said.trim().split("\n").slice(-10),
    exit: exits.refused,
  });
}
