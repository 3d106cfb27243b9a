import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ReleaseSpec } from "../plan/spec.ts";
import { exits } from "../problem.ts";
import type { Finding } from "./finding.ts";
import { type Place, releasePath } from "./place.ts";
import { readRecord } from "./record.ts";

export interface CheckInput {
  readonly id: string;
  readonly spec: ReleaseSpec;
  /** Keys and values of the rendered env; only the names are ever told. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Directories that its services start in, absolute or inside the release. */
  readonly dirs: readonly string[];
}

/** What a staged release lacks, before any of it runs. */
export async function checkRelease(place: Place, input: CheckInput): Promise<readonly Finding[]> {
  const directory = releasePath(place, input.id);
  const record = await readRecord(place, input.id);
  if (!(await isDirectory(directory)) || record === null || ["staging", "failed"].includes(record.state)) {
    return [incomplete(input.id)];
  }
  const findings: Finding[] = [];
  for (const dir of input.dirs) {
    if (!(await isDirectory(resolve(directory, dir))))
      findings.push(missingDirectory(dir, "refuse", "services.*.dir"));
  }
  const assets = input.spec.assets?.path;
  if (assets !== undefined && !(await isDirectory(join(directory, assets)))) {
    findings.push(missingDirectory(assets, "warn", "assets.path"));
  }
  return [...findings, ...(await missingKeys(directory, input.env ?? {}))];
}

/** `.env.example` says what the program wants; a key it leaves empty may stay away. */
async function missingKeys(
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  const example = await readFile(join(directory, ".env.example"), "utf8").catch(() => "");
  const wanted = [...example.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*\S/gm)].map(
    (match) => match[1] ?? "",
  );
  const missing = wanted.filter((key) => (env[key] ?? process.env[key] ?? "") === "");
  if (missing.length === 0) return [];
  const problem = {
    code: "ENV_KEY_MISSING",
    what: `The env of this release has no value for ${missing.join(", ")}, which .env.example names.`,
    fix: "Add them to the env template, or remove them from .env.example.",
  };
  return [{ severity: "warn", problem }];
}

function incomplete(id: string): Finding {
  const problem = {
    code: "RELEASE_MISSING",
    what: `Release ${id} is not complete on this host.`,
    fix: "Deploy again.",
    exit: exits.failedOldServes,
  };
  return { severity: "refuse", problem };
}

function missingDirectory(dir: string, severity: Finding["severity"], key: string): Finding {
  const problem = {
    code: "BUILD_RESULT_MISSING",
    what: `The release has no directory ${dir} after its build.`,
    why: "A build step did not make it, or it is named differently.",
    fix: `Correct \`${key}\` or \`build.run\` in cutover.yml.`,
    exit: exits.failedOldServes,
  };
  return { severity, problem };
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
