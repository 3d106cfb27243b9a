import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { type Place, releasePath } from "../release/place.ts";
import type { Shelf } from "./shelf.ts";

/** A release as it lies on the disk now. */
export interface ReleaseOnDisk {
  /** Real directory. */
  readonly directory: string;
  /** Against what was deployed; none: it has no env file, or nobody knows what it was deployed with. */
  readonly env: "as-deployed" | "changed" | "missing" | "none";
}

/** No value of the env leaves the host. */
export async function readReleaseOnDisk(place: Place, shelf: Shelf, release: string): Promise<ReleaseOnDisk> {
  const path = releasePath(place, release);
  const [directory, env] = await Promise.all([
    realpath(path).catch(() => path),
    compareEnv(path, shelf, release),
  ]);
  return { directory, env };
}

async function compareEnv(path: string, shelf: Shelf, release: string): Promise<ReleaseOnDisk["env"]> {
  const shelved = await shelf.load(release).catch(() => null);
  const to = shelved?.spec.release.envTo;
  if (shelved?.env === undefined || to === undefined) return "none";
  const content = await readFile(join(path, to), "utf8").catch(() => null);
  if (content === null) return "missing";
  return content === shelved.env ? "as-deployed" : "changed";
}
