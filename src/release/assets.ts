import { copyFile, link, lstat, mkdir, readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeDurably } from "./durable.ts";
import { hasCode } from "./file-problem.ts";
import { currentRelease, listReleases } from "./observe.ts";
import { pathInside } from "./inside.ts";
import { parseObject } from "./json.ts";
import { forEachOf } from "./parallel.ts";
import { type Place, releasePath } from "./place.ts";
import { readRecord } from "./record.ts";

/** When a file that a release only inherited was last part of a build, ms since the epoch, by path below `assets.path`. */
type Inherited = ReadonlyMap<string, number>;

export interface AssetsInput {
  readonly id: string;
  readonly path: string;
  readonly keepMs: number;
  readonly now: number;
}

/**
 * Pages that are open keep asking for the files of the release they came from: those of releases that were live stay
 * reachable until `keepMs` after they were last part of a live build. Returns how many were kept.
 */
export async function keepAssets(place: Place, input: AssetsInput): Promise<number> {
  const target = await pathInside(releasePath(place, input.id), input.path, "assets.path");
  const present = new Set(await listTree(target));
  const earlier = await readInherited(place, input.id);
  const own = new Set([...present].filter((file) => !earlier.has(file)));
  const inherited = new Map([...earlier].filter(([file]) => present.has(file)));
  for (const { id, leftAt } of await formerReleases(place, input)) {
    const source = join(releasePath(place, id), input.path);
    const before = await readInherited(place, id);
    const files = await listTree(source);
    await forEachOf(files, async (file) => {
      const lastBuilt = before.get(file) ?? leftAt;
      if (own.has(file) || input.now - lastBuilt >= input.keepMs) return;
      if (!(await linkOrCopy(join(source, file), join(target, file)))) return;
      inherited.set(file, Math.max(lastBuilt, inherited.get(file) ?? 0));
    });
  }
  await writeDurably(inheritedFile(place, input.id), `${JSON.stringify(Object.fromEntries(inherited))}\n`);
  return inherited.size;
}

export function inheritedFile(place: Place, id: string): string {
  return join(place.records, `${id}.assets`);
}

/** Newest first: the newest build of a file wins. The live one is left when this release replaces it, which is now. */
async function formerReleases(
  place: Place,
  input: AssetsInput,
): Promise<readonly { id: string; leftAt: number }[]> {
  const current = await currentRelease(place);
  const former: { id: string; leftAt: number }[] = [];
  for (const id of (await listReleases(place)).toReversed()) {
    const record = await readRecord(place, id);
    if (id === input.id || (id !== current && record?.wasLive !== true)) continue;
    former.push({ id, leftAt: id === current ? input.now : (record?.leftAt ?? input.now) });
  }
  return former;
}

async function readInherited(place: Place, id: string): Promise<Inherited> {
  const text = await readFile(inheritedFile(place, id), "utf8").catch(() => "{}");
  const found = Object.entries(parseObject(text) ?? {});
  return new Map(found.flatMap(([file, at]) => (typeof at === "number" ? [[file, at]] : [])));
}

async function listTree(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Never over a file of the new build. */
async function linkOrCopy(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return (await lstat(to)).isFile();
    if (!hasCode(error, "EXDEV", "EPERM", "EMLINK")) throw error;
    await copyFile(from, to);
  }
  return true;
}
