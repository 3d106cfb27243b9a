import type { Observed } from "../../plan/fleet.ts";
import type { AppSpec } from "../../plan/spec.ts";
import type { Context } from "./context.ts";
import { liveOnMost } from "./live.ts";

/** Settings of the release that is live; null: none is. undefined: it is that of another tool, which left none. */
export async function liveSpec({ hosts }: Context, observed: Observed): Promise<AppSpec | null | undefined> {
  const release = liveOnMost(observed.hosts);
  if (release === null) return null;
  const view = observed.hosts.find(({ current }) => current === release);
  const end = hosts.find(({ name }) => name === view?.host);
  return (await end?.loadSettings(release).catch(() => undefined))?.spec;
}
