import type { ReleaseView } from "../../plan/fleet.ts";
import { exits, Problem } from "../../problem.ts";
import { nearest } from "../../nearest.ts";
import { observeReleases } from "../../release/observe.ts";
import type { Context } from "./context.ts";

/** The release to go back to: the named one, else the newest before the current one that was live and not found bad. */
export async function chooseTarget(context: Context, wanted: string | undefined): Promise<ReleaseView> {
  const { current, releases } = await observeReleases(context.place);
  const state =
    current === null
      ? "Nothing is live; nothing was changed."
      : `Release ${current} serves; nothing was changed.`;
  const found =
    wanted === undefined
      ? releases.findLast((release) => isTarget(release) && (current === null || release.id < current))
      : releases.find((release) => release.id === wanted);
  if (found === undefined)
    throw wanted === undefined ? noTarget(state) : unknownRelease(wanted, releases, state);
  if (found.id === current) throw alreadyLive(found.id);
  if (!found.wasLive) throw neverLive(found, state);
  return found;
}

function isTarget(release: ReleaseView): boolean {
  return release.wasLive && (release.state === "live" || release.state === "good");
}

function noTarget(state: string): Problem {
  return new Problem({
    code: "ROLLBACK_NO_TARGET",
    what: "There is no earlier release to go back to.",
    why: "Only releases that were live and were not found bad are targets.",
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
    what: `There is no release ${wanted} on this machine.`,
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
