import { dirname } from "node:path";
import type { Config } from "../../config/load.ts";
import type { SourceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import { fromConfig } from "./here.ts";

const placeholder = "{revision}";

/** A REF names a commit: of the configured repository, of the one this directory lies in, or of an artifact's {revision}. */
export async function chooseSource(
  config: Pick<Config, "spec" | "file">,
  ref: string | undefined,
): Promise<SourceSpec> {
  const { source } = config.spec.release;
  switch (source.kind) {
    case "git":
      return { ...source, url: fromConfig(source.url, config.file), ref: ref ?? source.ref };
    case "upload":
      return source;
    case "directory":
      return ref === undefined ? source : await committed(source.path, ref);
    case "artifact":
      if (source.path.includes(placeholder))
        return { ...source, path: await namedArtifact(config, source.path, ref) };
      if (ref === undefined) return source;
      throw withoutRepository(
        `"${ref}" cannot be deployed: the source of this app is an artifact.`,
        "Leave the REF out, name another artifact in `source:`, or put {revision} into its name.",
      );
  }
}

/** Only what belongs to this directory, as without a REF, when it is a part of a repository. */
async function committed(path: string, ref: string): Promise<SourceSpec> {
  const { repositoryOf } = await import("../../release/source/repository.ts");
  const repository = await repositoryOf(path);
  if (repository !== null) return { kind: "git", url: repository.root, ref, directory: repository.directory };
  throw withoutRepository(
    `"${ref}" cannot be deployed: ${path} is not in a git repository.`,
    "Leave the REF out to deploy the files as they are, or set `source: { git: URL }`.",
  );
}

async function namedArtifact(
  { file }: Pick<Config, "file">,
  path: string,
  ref: string | undefined,
): Promise<string> {
  const { commitAt, repositoryOf } = await import("../../release/source/repository.ts");
  const directory = dirname(file);
  if ((await repositoryOf(directory)) === null)
    throw withoutRepository(
      `The artifact ${path} cannot be found: ${directory} is not in a git repository.`,
      "Name the artifact without {revision}, or run the command in the repository it was built from.",
    );
  return path.replaceAll(placeholder, await commitAt(directory, ref ?? "HEAD"));
}

function withoutRepository(what: string, fix: string): Problem {
  return new Problem({
    code: "REF_WITHOUT_REPOSITORY",
    what,
    fix,
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}
