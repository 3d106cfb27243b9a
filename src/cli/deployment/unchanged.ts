import { isDeepStrictEqual } from "node:util";
import type { HostView, Observed } from "../../plan/fleet.ts";
import type { AppSpec } from "../../plan/spec.ts";
import { type Exit, exits } from "../../problem.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import type { Wish } from "./wish.ts";

/** Revision, env and settings are those of the live release, and it runs as wanted. */
export async function isUnchanged(context: Context, observed: Observed, wish: Wish): Promise<boolean> {
  const host = observed.hosts[0];
  if (host === undefined || host.current === null) return false;
  const live = host.releases.find((release) => release.id === host.current);
  if (live?.revision !== wish.revision || (live.envDigest ?? null) !== wish.envDigest) return false;
  const shelved = await context.shelf.load(host.current).catch(() => null);
  return shelved !== null && isSameSpec(shelved.spec, wish.spec) && runsAsWanted(host, wish.spec);
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
