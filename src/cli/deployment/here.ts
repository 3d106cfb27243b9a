import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../config/load.ts";
import type { SourceSpec } from "../../plan/spec.ts";
import { homePaths } from "../../process/home.ts";
import { digestText } from "../../release/digest.ts";
import { type Place, placeAt } from "../../release/place.ts";

/** Whether this machine builds for servers elsewhere; where the servers are this machine, the release is built where it runs. */
export function isBuiltHere({ servers, spec }: Pick<Config, "servers" | "spec">): boolean {
  return servers.length > 0 && spec.release.build.where === "here" && spec.release.build.run.length > 0;
}

/** Whether a source lies on this machine, so that the servers cannot fetch it. */
export function liesHere(source: SourceSpec): boolean {
  return source.kind === "git" ? pathOf(source.url) !== null : source.kind !== "upload";
}

/** A repository on this machine by its absolute path, whatever directory git is run in; any other URL as it is. */
export function fromConfig(url: string, file: string): string {
  const isElsewhere = /^([a-z][a-z0-9+.-]*:\/\/|[^/]*:)/i.test(url);
  const path = resolve(dirname(file), url);
  return !isElsewhere && existsSync(path) ? path : url;
}

/** Where this machine keeps the mirror, the dependencies and the last build of an app whose servers are elsewhere. */
export function placeHere(
  { file, stage, spec }: Pick<Config, "file" | "stage" | "spec">,
  env: Readonly<Record<string, string | undefined>>,
): Place {
  const name = `${spec.app}-${digestText(file, stage ?? "").slice(0, 8)}`;
  return placeAt(join(homePaths(env).home, "here", name));
}

/** A path that is not here may be one on the servers. */
function pathOf(url: string): string | null {
  const path = url.startsWith("file://") ? fileURLToPath(url) : url;
  return isAbsolute(path) && existsSync(path) ? path : null;
}
