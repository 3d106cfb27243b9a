import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";

/** The keys of an example file; none when there is no such file. */
export async function exampleKeys(file: string): Promise<readonly string[]> {
  try {
    return Object.keys(parseEnv(await readFile(file, "utf8")));
  } catch {
    return [];
  }
}
