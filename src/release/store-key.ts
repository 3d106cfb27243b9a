import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { digestFile, digestText } from "./digest.ts";
import { parseObject } from "./json.ts";
import { readInstallStep } from "./install.ts";
import { runProgram } from "./program.ts";

export interface StoreKeyInput {
  readonly directory: string;
  /** Dependency directory, inside the release. */
  readonly dir: string;
  readonly lockfile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
}

/** Everything that decides what an install makes of a lockfile; null when there is no such lockfile, or it is not enough. */
export async function storeKey(input: StoreKeyInput): Promise<string | null> {
  const lock = await digestFile(join(input.directory, input.lockfile)).catch(() => null);
  if (lock === null) return null;
  const home = join(input.directory, dirname(input.dir));
  const manifest = await readManifest(home);
  // Workspaces have directories of their own, which one cached directory does not cover.
  if (manifest === null) return null;
  const node = await runProgram("node", ["-p", "process.versions.modules"], {
    env: input.env,
    timeoutMs: 10_000,
  });
  const installs = input.steps.filter((step) => readInstallStep(step) !== null);
  const parts = [
    lock,
    input.dir,
    manifest,
    node.stdout.trim(),
    `${process.platform}-${process.arch}`,
    ...installs,
    ...(await digestSettings(home)),
  ];
  return digestText(...parts).slice(0, 32);
}

/** A manifest that contradicts its lockfile has to reach the install step, which refuses it. */
async function readManifest(home: string): Promise<string | null> {
  const text = await readFile(join(home, "package.json"), "utf8").catch(() => "{}");
  const manifest = parseObject(text);
  if (manifest === null || manifest["workspaces"] !== undefined) return null;
  const names = Object.keys(manifest).filter((name) =>
    /dependencies|overrides|resolutions|engines|pnpm/i.test(name),
  );
  return JSON.stringify(names.sort().map((name) => [name, manifest[name]]));
}

async function digestSettings(home: string): Promise<readonly string[]> {
  const patches: readonly string[] = await readdir(join(home, "patches")).catch(() => []);
  const files = [
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pnpmfile.cjs",
    ...patches.toSorted().map((name) => `patches/${name}`),
  ];
  const digests: string[] = [];
  for (const file of files) digests.push(await digestFile(join(home, file)).catch(() => "-"));
  return digests;
}
