import { randomBytes } from "node:crypto";
import { readdir, readFile, readlink, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { HomePaths } from "../home.ts";

const kept = 3;
/** What a crash left half written; nobody needs longer to write it. */
const abandonedMs = 60 * 60_000;

/** Removes versions beyond the newest three, never one that a process runs from or that is started at boot. */
export async function pruneVersions(home: HomePaths): Promise<void> {
  const names = await readdir(home.versions).catch(() => []);
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(join(home.versions, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  const parts = aged.filter(({ name, at }) => name.startsWith(".part-") && at < Date.now() - abandonedMs);
  const versions = aged.filter(({ name }) => /^\d/.test(name)).sort((one, other) => other.at - one.at);
  const old = versions.slice(kept).map(({ name }) => name);
  const used = old.length === 0 ? "" : await mentions(home);
  const surplus = old.filter((name) => !used.includes(`/versions/${name}/`));
  for (const { name } of parts) await remove(join(home.versions, name));
  for (const name of surplus) await takeAway(home, name);
}

/** Renamed first: half of a version would pass for the whole. */
async function takeAway(home: HomePaths, name: string): Promise<void> {
  const part = join(home.versions, `.part-${randomBytes(6).toString("hex")}`);
  const isTaken = await rename(join(home.versions, name), part).then(
    () => true,
    () => false,
  );
  if (isTaken) await remove(part);
}

/** What cannot be removed is in nobody's way. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** Command lines and environments of all processes that we may see, and where `current` leads: whatever names a version. */
async function mentions(home: HomePaths): Promise<string> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    pids.flatMap((pid) => [
      readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
      readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""),
    ]),
  );
  const boot = await readlink(join(home.versions, "current")).catch(() => "");
  return [...texts, `/versions/${boot}/`].join("\n");
}
