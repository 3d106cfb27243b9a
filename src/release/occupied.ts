import { readFile, readdir, readlink, realpath } from "node:fs/promises";
import { forEachOf } from "./parallel.ts";
import type { Place } from "./place.ts";

/** Ids of releases that some process stands in: by its directory, program, root, an open file or a mapped one. */
export async function occupiedReleases(place: Place): Promise<ReadonlySet<string>> {
  const root = `${await realpath(place.releases).catch(() => place.releases)}/`;
  const occupied = new Set<string>();
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  await forEachOf(pids, async (pid) => {
    for (const path of await pathsOf(pid, root)) {
      if (path.startsWith(root)) occupied.add(path.slice(root.length).split(/[/ ]/)[0] ?? "");
    }
  });
  return occupied;
}

/** Those of processes of other users stay hidden from an ordinary user. */
async function pathsOf(pid: string, root: string): Promise<readonly string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = ["cwd", "exe", "root", ...descriptors.map((name) => `fd/${name}`)];
  const paths: string[] = [];
  for (const link of links) paths.push(await readlink(`/proc/${pid}/${link}`).catch(() => ""));
  const maps = await readFile(`/proc/${pid}/maps`, "latin1").catch(() => "");
  if (maps.includes(root))
    for (const line of maps.split("\n")) paths.push(line.slice(Math.max(0, line.indexOf("/"))));
  return paths;
}
