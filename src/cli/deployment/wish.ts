import type { AppSpec, SourceSpec } from "../../plan/spec.ts";
import { placeAt } from "../../release/place.ts";
import { resolveRevision, type Revision } from "../../release/revision.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { isBuiltHere, liesHere, placeHere } from "./here.ts";
import { withLogin } from "./login.ts";
import { chooseSource } from "./source.ts";

/** What the user asks for now: settings, revision and rendered env. Holds secret values. */
export interface Wish {
  readonly spec: AppSpec;
  /** Where the source lies for this machine; spec has it as the servers see it. */
  readonly local: SourceSpec;
  readonly revision: string;
  readonly label: string;
  readonly env: string | undefined;
  readonly envKeys: readonly string[];
  /** Keyed by the first server that has a key; null: no env file, or no key anywhere yet. */
  readonly envDigest: string | null;
  /** Keyed by every server: whichever a release was marked with, the same content is known again. */
  readonly envDigests: readonly string[];
  readonly secrets: readonly string[];
}

/** Resolves REF and every reference of env template and services; touches nothing on the host. */
export async function readWish(context: Context, io: Io, ref: string | undefined): Promise<Wish> {
  const { renderEnv } = await import("../../config/env/render.ts");
  const rendered = await renderEnv(context.config, io.env, io);
  for (const problem of rendered.findings) io.emit({ event: "warning", problem });
  const { source, secrets: ofLogin } = withLogin(await chooseSource(context.config, ref), io);
  const { content: env, keys: envKeys } = rendered;
  const [found, envDigests] = await Promise.all([
    resolveSource(context, io, source),
    env === undefined ? [] : digestEverywhere(context, env),
  ]);
  const { revision, label } = found;
  const seen = isSent(context, source)
    ? await (await import("./upload.ts")).sourceForServers(context.config, source, found)
    : source;
  const spec = withEnv(withSource(context.config.spec, seen), rendered.services);
  return {
    local: source,
    spec,
    revision,
    label,
    env,
    envKeys,
    envDigest: envDigests[0] ?? null,
    envDigests,
    secrets: [...rendered.values, ...ofLogin],
  };
}

/** Whether the servers get it from this machine. */
function isSent({ config }: Context, source: SourceSpec): boolean {
  return config.servers.length > 0 && (liesHere(source) || isBuiltHere(config));
}

/** A repository is asked from where it will be fetched; everything else lies on this machine. */
async function resolveSource(context: Context, io: Io, source: SourceSpec): Promise<Revision> {
  const { hosts, config } = context;
  const [first] = hosts;
  if (first !== undefined && !isSent(context, source)) return await first.resolveRevision(source);
  const place = source.kind === "git" ? placeHere(config, io.env) : placeAt(config.spec.path);
  return await resolveRevision(source, place);
}

async function digestEverywhere({ hosts }: Context, env: string): Promise<readonly string[]> {
  const digests = await Promise.all(hosts.map((end) => end.digestEnv(env)));
  return digests.filter((digest) => digest !== null);
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
