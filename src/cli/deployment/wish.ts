import type { AppSpec, SourceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import { digestEnv } from "../../release/digest.ts";
import { resolveRevision } from "../../release/revision.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

/** What the user asks for now: settings, revision and rendered env. Holds secret values. */
export interface Wish {
  readonly spec: AppSpec;
  readonly revision: string;
  readonly label: string;
  readonly env: string | undefined;
  readonly envKeys: readonly string[];
  readonly envDigest: string | null;
  readonly secrets: readonly string[];
}

/** Resolves REF and every reference of env template and services; touches nothing on the host. */
export async function readWish(context: Context, io: Io, ref: string | undefined): Promise<Wish> {
  const { renderEnv } = await import("../../config/env/render.ts");
  const rendered = await renderEnv(context.config, io.env, io);
  for (const problem of rendered.findings) io.emit({ event: "warning", problem });
  const spec = withEnv(withRef(context.config.spec, ref), rendered.services);
  const { content: env, keys: envKeys, values: secrets } = rendered;
  const { revision, label } = await resolveRevision(spec.release.source, context.place);
  const envDigest = env === undefined ? null : await digestEnv(context.place, env);
  return { spec, revision, label, env, envKeys, envDigest, secrets };
}

function withEnv(
  spec: AppSpec,
  services: Readonly<Record<string, Readonly<Record<string, string>>>>,
): AppSpec {
  return {
    ...spec,
    services: spec.services.map((service) => ({ ...service, env: services[service.name] ?? service.env })),
  };
}

/** A REF names a commit: of the configured repository, or of the one this directory is. */
function withRef(spec: AppSpec, ref: string | undefined): AppSpec {
  if (ref === undefined) return spec;
  return { ...spec, release: { ...spec.release, source: sourceAt(spec.release.source, ref) } };
}

function sourceAt(source: SourceSpec, ref: string): SourceSpec {
  switch (source.kind) {
    case "git":
      return { ...source, ref };
    case "directory":
      return { kind: "git", url: source.path, ref };
    case "artifact":
      throw new Problem({
        code: "REF_WITHOUT_REPOSITORY",
        what: `"${ref}" cannot be deployed: the source of this app is an artifact.`,
        fix: "Leave the REF out, or name another artifact in `source:`.",
        state: "Nothing was changed.",
        exit: exits.usage,
      });
  }
}
