import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import type { ReleaseSpec } from "../../../src/plan/spec.ts";
import type { Place } from "../../../src/release/place.ts";
import { formatReleaseId, reserveRelease } from "../../../src/release/release-id.ts";
import { type StageInput, type StagedRelease, stageRelease } from "../../../src/release/stage.ts";

export function write(root: string, files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

export function git(cwd: string, ...argv: readonly string[]): string {
  const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
  const local = ["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...local, ...argv], {
    cwd,
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
}

/** A repository with one commit of these files; returns its directory. */
export function repository(root: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(root, { recursive: true });
  git(root, "init", "--quiet");
  write(root, files);
  git(root, "add", "--all");
  git(root, "commit", "--quiet", "--message", "first");
  return root;
}

export function specOf(
  source: string | ReleaseSpec["source"],
  change: Partial<ReleaseSpec> = {},
): ReleaseSpec {
  return {
    source: typeof source === "string" ? { kind: "directory", path: source } : source,
    build: { run: [], where: "server", cache: {}, timeoutMs: 60_000 },
    shared: { dirs: [], files: [] },
    writable: [],
    keep: 5,
    ...change,
  };
}

export interface Staged extends StagedRelease {
  readonly id: string;
  readonly output: readonly string[];
}

/** Stages a release of its own id and gathers what its build printed. */
export async function stage(
  place: Place,
  spec: ReleaseSpec,
  input: Partial<StageInput> = {},
): Promise<Staged> {
  const id = input.id ?? (await freeId(place));
  const output: string[] = [];
  const emit = (event: CutoverEvent): void => {
    if (event.event === "output") output.push(event.line);
  };
  const base = { id, app: "shop", host: "here", spec, previous: null, variables: {}, emit };
  return { id, output, ...(await stageRelease(place, { ...base, ...input })) };
}

async function freeId(place: Place): Promise<string> {
  for (let at = Date.now(); ; at += 1000) {
    const id = formatReleaseId(new Date(at));
    if (await reserveRelease(place, id)) return id;
  }
}
