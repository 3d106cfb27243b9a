import { basename, extname } from "node:path";
import { Problem, exits } from "../../problem.ts";
import { readPackage } from "./port.ts";
import { programWord } from "./program.ts";

const launchers = new Set(["npm", "yarn", "pnpm", "npx"]);

/** The name PM2's users expect: the script without its extension; for npm the package's name. */
export function defaultName(script: string, cwd: string): string {
  const words = script.trim().split(/\s+/);
  const program = basename(programWord(script));
  if (launchers.has(program)) return packageName(cwd) ?? program;
  const file = words.find((word) => extname(word) !== "" && !word.startsWith("-")) ?? program;
  return basename(file, extname(file)) || program;
}

function packageName(cwd: string): string | undefined {
  const name = readPackage(cwd)["name"];
  return typeof name === "string" && name !== "" ? name.slice(name.lastIndexOf("/") + 1) : undefined;
}

/** A name that can be typed, grepped and used as a file name; anything else is a Problem. */
export function checkName(name: string): string {
  const why = reasonAgainst(name);
  if (why === undefined) return name;
  throw new Problem({
    code: "NAME_INVALID",
    what: `"${name}" cannot be the name of a service.`,
    why,
    fix: `Choose another name, for example ${suggestion(name)}.`,
    state: "Nothing was started.",
    exit: exits.usage,
  });
}

function reasonAgainst(name: string): string | undefined {
  if (name === "all") return '"all" means every service.';
  if (/^\d+$/.test(name)) return "A number means the id of a service.";
  if (/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/.test(name)) return undefined;
  return 'A name has letters, digits, ".", "_", "@" and "-", at most 100, and begins with a letter or digit.';
}

function suggestion(name: string): string {
  const near = name.replaceAll(/[^A-Za-z0-9._@-]+/g, "-").replaceAll(/^[^A-Za-z0-9]+|-+$/g, "");
  return near === "" || reasonAgainst(near) !== undefined ? "api" : near;
}
