import type { AppSpec, SourceSpec } from "../../plan/spec.ts";
import { digestEnv } from "../../release/digest.ts";
import { resolveRevision } from "../../release/revision.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { chooseSource } from "./source.ts";

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
  const source = await chooseSource(context.config, ref);
  const spec = withEnv(withSource(context.config.spec, source), rendered.services);
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

function withSource(spec: AppSpec, source: SourceSpec): AppSpec {
  return { ...spec, release: { ...spec.release, source } };
}
