import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exits, Problem } from "../problem.ts";

const names: readonly string[] = ["cutover.yml", "cutover.yaml"];

export interface ConfigFile {
  readonly file: string;
  readonly text: string;
}

/** The named file, else cutover.yml of the directory; Problem CONFIG_MISSING or CONFIG_UNREADABLE. */
export async function readConfigFile(named: string | undefined, cwd: string): Promise<ConfigFile> {
  const candidates = (named === undefined ? names : [named]).map((name) => resolve(cwd, name));
  for (const file of candidates) {
    try {
      return { file, text: await readFile(file, "utf8") };
    } catch (error) {
      if (!isMissing(error)) {
        throw unreadable(file, error);
      }
    }
  }
  throw new Problem({
    code: "CONFIG_MISSING",
    what:
      named === undefined
        ? `There is no cutover.yml in ${cwd}.`
        : `There is no config file ${candidates[0]}.`,
    fix: "Write one (cutover docs explains every key), go to its directory, or name it with -c FILE.",
    exit: exits.usage,
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function unreadable(file: string, error: unknown): Problem {
  return new Problem({
    code: "CONFIG_UNREADABLE",
    what: `${file} cannot be read.`,
    why: error instanceof Error ? error.message : String(error),
    fix: "Name a readable file with -c FILE.",
    exit: exits.usage,
  });
}
