import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of cutover as it is installed: its name there, and where it lies now. */
export interface PackageFile {
  readonly name: string;
  readonly from: string;
}

/** The package that this very file belongs to. */
export const packageRoot: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

const program = /\.(c|m)?js$/;
/** Variants of a dependency for browsers and for its own developers. */
const leftOut = new Set(["node_modules", "browser", "test", "tests", "docs"]);

/** All that cutover needs to run: its compiled code and its dependencies' , sorted by name. */
export function packageFiles(root: string = packageRoot): readonly PackageFile[] {
  const files = [{ name: "package.json", from: join(root, "package.json") }, ...codeBelow(root, "dist")];
  for (const [name, directory] of dependenciesOf(root)) {
    const inside = `node_modules/${name}`;
    files.push(
      { name: `${inside}/package.json`, from: join(directory, "package.json") },
      ...codeBelow(directory, ".", inside),
    );
  }
  return files.sort((one, other) => (one.name < other.name ? -1 : 1));
}

export function packageVersion(root: string = packageRoot): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return version;
}

function codeBelow(root: string, start: string, prefix = "."): PackageFile[] {
  const files: PackageFile[] = [];
  const pending = [start];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !leftOut.has(entry.name)) pending.push(path);
      else if (entry.isFile() && program.test(entry.name))
        files.push({ name: join(prefix, path), from: join(root, path) });
    }
  }
  return files;
}

function dependenciesOf(root: string, found = new Map<string, string>()): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(text);
  for (const name of Object.keys(dependencies)) {
    if (found.has(name)) continue;
    const directory = findPackage(root, name);
    found.set(name, directory);
    dependenciesOf(directory, found);
  }
  return found;
}

/** As Node looks for it: in the package, or beside it. */
function findPackage(from: string, name: string): string {
  for (let at = from; ; at = dirname(at)) {
    const directory = join(at, "node_modules", name);
    if (existsSync(join(directory, "package.json"))) return directory;
    if (at === dirname(at)) throw new Error(`${name}, which cutover needs, is not installed beside it`);
  }
}
