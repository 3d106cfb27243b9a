import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Place, releasePath } from "../release/place.ts";
import type { Shelf } from "./shelf.ts";

/** none: the release has no env file, or nobody knows what it was deployed with. */
export type EnvState = "as-deployed" | "changed" | "missing" | "none";

/** Compares the env file on the disk with what the release was deployed with; no value leaves the host. */
export async function readEnvState(place: Place, shelf: Shelf, release: string): Promise<EnvState> {
  const shelved = await shelf.load(release).catch(() => null);
  const to = shelved?.spec.release.envTo;
  if (shelved?.env === undefined || to === undefined) return "none";
  const content = await readFile(join(releasePath(place, release), to), "utf8").catch(() => null);
  if (content === null) return "missing";
  return content === shelved.env ? "as-deployed" : "changed";
}
