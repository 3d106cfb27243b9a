import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

/**
 * The fixture applications (test/fixtures/apps) with their dependencies, built, outside of git:
 * node_modules/.cache/cutover-apps/<lockfile>/node_modules and /<sources>/, each made once and kept.
 */
const sources = join(import.meta.dirname, "../fixtures/apps");
const cache = join(import.meta.dirname, "../../node_modules/.cache/cutover-apps");

function digest(files: readonly string[]): string {
  const hash = createHash("sha256").update(process.arch);
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}

function sourceFiles(): string[] {
  const names = readdirSync(sources, { recursive: true, encoding: "utf8" });
  const paths = names
    .filter((name) => !/(^|\/)(node_modules|\.next)(\/|$)/.test(name))
    .map((name) => join(sources, name));
  return paths.filter((path) => statSync(path).isFile()).sort();
}

function dependenciesDirectory(): string {
  return join(cache, digest([join(sources, "package.json"), join(sources, "package-lock.json")]));
}

/** Where the built fixture applications are, or will be. */
export function fixturesDirectory(): string {
  return join(dependenciesDirectory(), digest(sourceFiles()));
}

/** A Node of this major version from the fixtures' dependencies. */
export function nodeOf(major: 20 | 22 | 24): string {
  return join(dependenciesDirectory(), "node_modules", `node${major}-${process.arch}`, "bin/node");
}

/** A file of a package among the fixtures' dependencies. */
export function dependency(path: string): string {
  return join(dependenciesDirectory(), "node_modules", path);
}

/** Installs and builds what is not there yet; throws when that is impossible (no registry). */
export function prepareFixtures(): void {
  mkdirSync(cache, { recursive: true });
  const dependencies = dependenciesDirectory();
  makeOnce(dependencies, cache, (directory) => {
    for (const name of ["package.json", "package-lock.json"])
      cpSync(join(sources, name), join(directory, name));
    npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], directory);
  });
  makeOnce(fixturesDirectory(), dependencies, (directory) => {
    cpSync(sources, directory, { recursive: true });
    execFileSync(process.execPath, [join(directory, "build.mjs")], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  });
}

/** Makes a directory under another name and renames it when complete, so that two runs at once cannot harm each other. */
function makeOnce(directory: string, beside: string, make: (directory: string) => void): void {
  if (existsSync(directory)) return;
  const making = mkdtempSync(join(beside, "making-"));
  try {
    make(making);
    renameSync(making, directory);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
}

function npm(args: readonly string[], cwd: string): void {
  execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
