import { isDeepStrictEqual } from "node:util";
import type { LiveSettings } from "../../fleet/end.ts";
import type { Shelved } from "../../fleet/shelf.ts";
import type { HostView, Observed } from "../../plan/fleet.ts";
import type { AppSpec } from "../../plan/spec.ts";
import { type Exit, exits } from "../../problem.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { liveOnMost } from "./live.ts";
import type { Wish } from "./wish.ts";

export type KnownSettings = ReadonlyMap<string, LiveSettings>;

/** How the servers stand to what is wanted. */
export interface Standing {
  /** The release with this revision, env and settings that is live on at least half of them and runs as wanted there. */
  readonly release: string | null;
  /** Servers where another one is live, or none. */
  readonly lagging: readonly string[];
}

/** `known`: settings that were asked for together with what was observed, by host. */
export async function standingOf(
  context: Context,
  observed: Observed,
  wish: Wish,
  known: KnownSettings = new Map(),
): Promise<Standing> {
  const release = liveOnMost(observed.hosts);
  const live = observed.hosts.filter((host) => host.current === release);
  const lagging = observed.hosts.filter((host) => host.current !== release).map(({ host }) => host);
  if (release === null || live.length < lagging.length) return { release: null, lagging };
  const alike = await Promise.all(
    live.map(async (host) => {
      const settings = known.get(host.host);
      const isOfLive = settings?.release === host.current;
      return isAsWanted(host, wish, isOfLive ? settings?.shelved : await settingsOn(context, host));
    }),
  );
  return { release: alike.every(Boolean) ? release : null, lagging };
}

async function settingsOn({ hosts }: Context, view: HostView): Promise<Shelved | null> {
  const end = hosts.find(({ name }) => name === view.host);
  if (end === undefined || view.current === null) return null;
  return await end.loadSettings(view.current).catch(() => null);
}

/** Revision, env and settings are those of the live release, and it runs as wanted. */
function isAsWanted(host: HostView, wish: Wish, shelved: Shelved | null | undefined): boolean {
  const live = host.releases.find((release) => release.id === host.current);
  if (live === undefined || live.revision !== wish.revision || !hasEnv(live.envDigest, wish)) return false;
  if (shelved === null || shelved === undefined) return false;
  return isSameSpec(shelved.spec, wish.spec) && runsAsWanted(host, wish.spec);
}

function hasEnv(digest: string | undefined, wish: Wish): boolean {
  if (digest === undefined || wish.env === undefined) return digest === undefined && wish.env === undefined;
  return wish.envDigests.includes(digest);
}

/** A REF changes how a revision is named, not what is deployed, so the source does not count. */
function isSameSpec(one: AppSpec, other: AppSpec): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable(spec: AppSpec): unknown {
  return JSON.parse(JSON.stringify({ ...spec, release: { ...spec.release, source: null } }));
}

function runsAsWanted(host: HostView, spec: AppSpec): boolean {
  return spec.services.every((service) => {
    if (service.engine !== "builtin") return true;
    const view = host.services.find((one) => one.name === service.name);
    const open = view?.instances.filter(
      (instance) => instance.release === host.current && instance.state === "open",
    );
    return open?.length === service.instances && view?.instances.length === service.instances;
  });
}

export function sayUnchanged(io: Io, wish: Wish): Exit {
  io.print(
    `Nothing to deploy: ${wish.label} is live with this env and these settings.\n` +
      "cutover deploy --force makes a new release of it all the same.",
  );
  io.result({ changed: false, revision: wish.revision });
  return exits.done;
}
