import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AppSpec, ServiceSpec, SourceSpec } from "../plan/spec.ts";
import { Problem, exits } from "../problem.ts";
import { writeDurably } from "../release/durable.ts";
import { withoutSecret } from "../release/source/remote.ts";

/** A release as it was deployed: settings and env content. Both hold secret values, so the journal has neither. */
export interface Shelved {
  readonly spec: AppSpec;
  readonly env?: string | undefined;
  /** Values that no sink may show. */
  readonly secrets: readonly string[];
}

/** One 0600 file per release beside the releases, written before the journal begins, so that anyone may resume or roll back. */
export interface Shelf {
  save(release: string, shelved: Shelved): Promise<void>;
  /** Throws RELEASE_SPEC_MISSING when the release was never deployed by cutover here. */
  load(release: string): Promise<Shelved>;
  keepOnly(releases: readonly string[]): Promise<void>;
}

export function openShelf(directory: string): Shelf {
  const fileOf = (release: string): string => join(directory, `${release}.json`);
  return {
    async save(release, shelved) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeDurably(fileOf(release), JSON.stringify(shelved), 0o600);
    },
    async load(release) {
      const text = await readFile(fileOf(release), "utf8").catch(() => null);
      const shelved: unknown = text === null ? null : JSON.parse(text);
      if (!isShelved(shelved)) throw missing(release);
      return shelved;
    },
    async keepOnly(releases) {
      const wanted = new Set(releases.map((release) => `${release}.json`));
      const present = await readdir(directory).catch(() => []);
      const surplus = present.filter((name) => !wanted.has(name));
      await Promise.all(surplus.map((name) => rm(join(directory, name), { force: true })));
    },
  };
}

function isShelved(value: unknown): value is Shelved {
  return typeof value === "object" && value !== null && "spec" in value && "secrets" in value;
}

function missing(release: string): Problem {
  return new Problem({
    code: "RELEASE_SPEC_MISSING",
    what: `The settings that release ${release} was deployed with are not on this machine.`,
    why: "They are kept in .cutover/specs beside the releases, and are needed to start its instances.",
    fix: "Deploy that revision again: cutover deploy REF",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

/** The spec without env values: what the journal may hold. */
export function maskSpec(spec: AppSpec): AppSpec {
  return {
    ...spec,
    release: { ...spec.release, source: maskSource(spec.release.source) },
    services: spec.services.map((service) => ({ ...service, env: maskValues(service.env) })),
  };
}

function maskSource(source: SourceSpec): SourceSpec {
  return source.kind === "git" ? { ...source, url: withoutSecret(source.url) } : source;
}

function maskValues(env: ServiceSpec["env"]): Record<string, string> {
  return Object.fromEntries(Object.keys(env).map((key) => [key, "***"]));
}
