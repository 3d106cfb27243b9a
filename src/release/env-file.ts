import { Problem } from "../problem.ts";
import { digestEnv } from "./digest.ts";
import { writeDurably } from "./durable.ts";
import { hasCode } from "./file-problem.ts";
import { pathInside } from "./inside.ts";
import type { Place } from "./place.ts";

/** Writes the rendered env into the release, 0600, and returns its keyed digest; the values go nowhere else. */
export async function writeEnv(
  place: Place,
  directory: string,
  to: string,
  content: string,
): Promise<string | null> {
  const path = await pathInside(directory, to, "env.to");
  try {
    await writeDurably(path, content, 0o600);
  } catch (error) {
    if (!hasCode(error, "EISDIR", "ENOTEMPTY")) throw error;
    throw new Problem({
      code: "ENV_TARGET_TAKEN",
      what: `The env file cannot be written to ${to}: there is a directory of that name in the release.`,
      fix: "Set another `env: {to: ...}` in cutover.yml.",
    });
  }
  return digestEnv(place, content);
}
