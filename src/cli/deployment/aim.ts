import { basename, dirname } from "node:path";
import type { HostView, Observed } from "../../plan/fleet.ts";
import { formatReleaseId, readReleaseId } from "../../release/release-id.ts";
import { fetchedCommitTime } from "../../release/source/fetch.ts";
import { commitTime } from "../../release/source/repository.ts";
import type { AppSpec } from "../../plan/spec.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { type Aim, goalFor } from "./goal.ts";
import { isBuiltHere, placeHere } from "./here.ts";
import { shareUpload } from "./share-upload.ts";
import type { Standing } from "./unchanged.ts";
import type { Wish } from "./wish.ts";

/** A new release: its id is taken and its settings lie on every server before anything begins. Problems: as goalFor. */
export async function newReleaseAim(context: Context, io: Io, { observed, wish }: Looked): Promise<Aim> {
  const wanted = deployAim(wish, "new");
  // What the rollout cannot do is found before any server is written to.
  const { previous } = await goalFor(context, wanted, { id: "new", observed });
  const release = await reserve(context, observed);
  const spec = await bring(context, io, { wish, release, previous });
  const committedAt = await committed(context, io, wish);
  const settings = { spec, env: wish.env, secrets: wish.secrets };
  await Promise.all(context.hosts.map((end) => end.saveSettings(release, settings)));
  return { ...wanted, spec, release, ...(committedAt === null ? {} : { committedAt }) };
}

/** As far as this machine knows: where the config lies is most often a clone of what is deployed. */
async function committed({ config }: Context, io: Io, { local, revision }: Wish): Promise<number | null> {
  const clone = local.kind === "directory" ? local.path : dirname(config.file);
  // An artifact may be named after the commit that it was built from.
  const name = local.kind === "artifact" ? /[0-9a-f]{40,64}/.exec(basename(local.path))?.[0] : undefined;
  return (
    (await commitTime(clone, name ?? revision)) ??
    (await fetchedCommitTime(placeHere(config, io.env), local, revision))
  );
}

interface Looked {
  readonly observed: Observed;
  readonly wish: Wish;
}

interface Bringing {
  readonly wish: Wish;
  readonly release: string;
  readonly previous: string | null;
}

/** What the servers cannot fetch themselves is on them when this answers. */
async function bring(context: Context, io: Io, bringing: Bringing): Promise<AppSpec> {
  const { local, spec } = bringing.wish;
  if (isBuiltHere(context.config))
    return await (await import("./build-here.ts")).buildHere(context, io, bringing);
  if (spec.release.source.kind !== "upload") return spec;
  const { sendSource } = await import("./upload.ts");
  await sendSource(context, io, { local, source: spec.release.source });
  return spec;
}

/** The live release for the servers that lag behind; the others are not touched. */
export async function catchUpAim(
  context: Context,
  io: Io,
  { observed, release }: { readonly observed: Observed; readonly release: string },
): Promise<Aim> {
  const { aim, settings } = await converging(context, observed, release);
  const lagging = context.hosts.filter((end) => aim.hosts?.includes(end.name));
  await shareUpload(context, io, { release, source: settings.spec.release.source, lagging });
  await Promise.all(lagging.map((end) => end.saveSettings(release, settings)));
  return aim;
}

/** The same without touching anything. */
export async function plannedAim(
  context: Context,
  now: { readonly observed: Observed; readonly wish: Wish; readonly standing: Standing },
): Promise<Aim> {
  const { observed, wish, standing } = now;
  if (standing.release !== null) return (await converging(context, observed, standing.release)).aim;
  return deployAim(wish, formatReleaseId(new Date()));
}

function deployAim({ revision, envDigest, spec }: Wish, release: string): Aim {
  return { kind: "deploy", release, revision, envDigest, spec };
}

async function converging(context: Context, observed: Observed, release: string) {
  const isLive = (view: HostView): boolean => view.current === release;
  const model = observed.hosts.find(isLive);
  const end = context.hosts.find(({ name }) => name === model?.host);
  if (end === undefined) throw new Error(`release ${release} is live nowhere`);
  const settings = await end.loadSettings(release);
  const view = model?.releases.find(({ id }) => id === release);
  const aim: Aim = {
    kind: "converge",
    release,
    revision: view?.revision ?? release,
    envDigest: view?.envDigest ?? null,
    spec: settings.spec,
    hosts: observed.hosts.filter((host) => !isLive(host)).map(({ host }) => host),
  };
  return { aim, settings };
}

/** The first second from now, and after every other release, that is free on all servers: ids tell which one is newer. */
async function reserve({ hosts }: Context, observed: Observed): Promise<string> {
  const ids = observed.hosts.flatMap((host) => host.releases.map(({ id }) => id));
  const newest = ids.toSorted().at(-1);
  // Whoever made it may have had a clock that was ahead.
  const from = Math.max(Date.now(), newest === undefined ? 0 : readReleaseId(newest).getTime() + 1000);
  for (let seconds = 0; ; seconds += 1) {
    const release = formatReleaseId(new Date(from + seconds * 1000));
    const reserved = await Promise.all(hosts.map((end) => end.reserveRelease(release)));
    if (reserved.every(Boolean)) return release;
  }
}
