import type { HostView, Observed, ReleaseView } from "../../plan/fleet.ts";
import { exits, Problem } from "../../problem.ts";
import { nearest } from "../../nearest.ts";
import { liveOnMost } from "./live.ts";

/**
 * The release to go back to: the named one, else the newest before the current one that was live on every server and found
 * bad on none.
 */
export function chooseTarget({ hosts }: Observed, wanted: string | undefined): ReleaseView {
  const current = liveOnMost(hosts);
  const state =
    current === null
      ? "Nothing is live; nothing was changed."
      : `Release ${current} serves; nothing was changed.`;
  const known = releasesOf(hosts);
  if (wanted !== undefined) return namedTarget({ hosts, known, state }, wanted);
  const isEarlier = (release: ReleaseView): boolean => current === null || release.id < current;
  const found = known.findLast(
    (release) => isEarlier(release) && hosts.every((host) => isTarget(findOn(host, release.id))),
  );
  if (found === undefined) throw noTarget(state);
  return found;
}

interface Choice {
  readonly hosts: readonly HostView[];
  readonly known: readonly ReleaseView[];
  readonly state: string;
}

function namedTarget({ hosts, known, state }: Choice, wanted: string): ReleaseView {
  const found = known.find((release) => release.id === wanted);
  if (found === undefined) throw unknownRelease(wanted, known, state);
  const lacking = hosts.filter((host) => findOn(host, wanted) === undefined).map(({ host }) => host);
  if (lacking.length > 0) throw lackingRelease(found, lacking, state);
  if (hosts.every((host) => host.current === wanted)) throw alreadyLive(wanted);
  const unproven = hosts.flatMap((host) => findOn(host, wanted) ?? []).find((release) => !release.wasLive);
  if (unproven !== undefined) throw neverLive(unproven, state);
  return found;
}

/** Of all servers, oldest first. */
function releasesOf(hosts: readonly HostView[]): readonly ReleaseView[] {
  const releases = new Map(
    hosts.toReversed().flatMap((host) => host.releases.map((release) => [release.id, release])),
  );
  return [...releases.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function findOn(host: HostView, id: string): ReleaseView | undefined {
  return host.releases.find((release) => release.id === id);
}

function isTarget(release: ReleaseView | undefined): boolean {
  return release?.wasLive === true && (release.state === "live" || release.state === "good");
}

function lackingRelease(release: ReleaseView, lacking: readonly string[], state: string): Problem {
  return new Problem({
    code: "RELEASE_NOT_EVERYWHERE",
    what: `Release ${release.id} is not on ${lacking.join(", ")}.`,
    why: "A rollback needs nothing but what is on the servers already.",
    fix: `Deploy its revision instead: cutover deploy ${release.revision ?? "REF"}`,
    state,
    exit: exits.refused,
  });
}

function noTarget(state: string): Problem {
  return new Problem({
    code: "ROLLBACK_NO_TARGET",
    what: "There is no earlier release to go back to.",
    why: "Only releases that were live on every server and were not found bad are targets.",
    fix: "cutover releases lists what is kept; cutover deploy REF deploys any revision.",
    state,
    exit: exits.refused,
  });
}

function unknownRelease(wanted: string, releases: readonly ReleaseView[], state: string): Problem {
  const near = nearest(
    wanted,
    releases.map((release) => release.id),
  );
  return new Problem({
    code: "RELEASE_UNKNOWN",
    what: `There is no release ${wanted}.`,
    fix:
      near === undefined
        ? "cutover releases lists them."
        : `Did you mean ${near}? cutover releases lists them.`,
    state,
    exit: exits.usage,
  });
}

function alreadyLive(release: string): Problem {
  return new Problem({
    code: "RELEASE_ALREADY_LIVE",
    what: `Release ${release} is the one that serves now.`,
    fix: "Name another one: cutover releases",
    state: `Release ${release} serves; nothing was changed.`,
    exit: exits.refused,
  });
}

function neverLive(release: ReleaseView, state: string): Problem {
  return new Problem({
    code: "RELEASE_NEVER_LIVE",
    what: `Release ${release.id} was never live (it is ${release.state}), so nobody knows whether it works.`,
    fix: `Deploy its revision instead: cutover deploy ${release.revision ?? "REF"}`,
    state,
    exit: exits.refused,
  });
}
