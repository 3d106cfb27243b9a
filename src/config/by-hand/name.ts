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
    fix: "Choose another one with --name.",
    state: "Nothing was started.",
    exit: exits.usage,
  });
}

function reasonAgainst(name: string): string | undefined {
  if (name.trim() === "" || name.length > 100) return "A name has 1 to 100 characters.";
  if (name === "all") return '"all" means every service.';
  if (/^\d+$/.test(name)) return "A number means the id of a service.";
  if (/^[.-]/.test(name)) return 'A name does not begin with "." or "-".';
  return /[/\p{Cc}]/u.test(name) ? 'A name holds no "/" and no control characters.' : undefined;
}
