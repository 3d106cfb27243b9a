import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Problem, exits } from "../../problem.ts";
import { isRecord } from "../by-hand/fields.ts";

const mark = "\u0001cutover\u0001";

/** Evaluated by a Node process of its own: the file is a program, and it may do anything. */
const evaluate = `
const path = process.argv[1];
const url = process.argv[2];
const read = async () => {
  if (path.endsWith(".json")) return JSON.parse((await import("node:fs")).readFileSync(path, "utf8"));
  const loaded = await import(url);
  return loaded.default ?? loaded;
};
const value = await read();
const settled = await (typeof value === "function" ? value() : value);
process.stdout.write(${JSON.stringify(mark)} + JSON.stringify(settled), () => process.exit(0));
`;

const configFile = /(?:^|[/.])(?:config\.(?:js|cjs|mjs)|json)$/;

/** "ecosystem.config.js", "pm2.config.cjs", "apps.json": as PM2 tells a config file from a script. */
export function isEcosystemFile(path: string): boolean {
  return configFile.test(basename(path)) && basename(path) !== "package.json";
}

/** What the file exports, as JSON; functions and undefined are dropped. `path` absolute; `env` is what the file sees as process.env. */
export async function readEcosystemFile(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<object> {
  if (!existsSync(path)) throw invalid(path, "There is no such file.");
  const value = await run(path, env);
  if (typeof value === "object" && value !== null) return value;
  throw invalid(path, "It exports no object with apps.");
}

async function run(path: string, env: Readonly<Record<string, string>>): Promise<unknown> {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", evaluate, path, pathToFileURL(path).href],
      { cwd: dirname(path), env, timeout: 20_000, maxBuffer: 16 * 1024 * 1024, windowsHide: true },
    );
    return JSON.parse(stdout.slice(stdout.lastIndexOf(mark) + mark.length)) as unknown;
  } catch (error) {
    throw invalid(path, reason(error), error);
  }
}

function reason(error: unknown): string {
  const { stderr, killed } = isRecord(error) ? error : {};
  if (killed === true) return "It did not finish within 20 seconds.";
  const lines = typeof stderr === "string" ? stderr.trim().split("\n") : [];
  const told = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
  return told === undefined || told === "" ? "It exports nothing that can be written as JSON." : told;
}

export function invalid(path: string, why: string, cause?: unknown): Problem {
  return new Problem(
    {
      code: "ECOSYSTEM_INVALID",
      what: `${path} cannot be used.`,
      why,
      fix: "Correct it, or name another file.",
      state: "Nothing was started.",
      exit: exits.usage,
    },
    { cause },
  );
}
