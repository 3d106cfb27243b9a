import type { SourceSpec } from "../plan/spec.ts";
import type { Place } from "./place.ts";
import { artifactRevision } from "./source/artifact.ts";
import { directoryRevision } from "./source/directory.ts";
import { remoteRevision } from "./source/mirror.ts";

export interface Revision {
  /** Names exactly this content: a commit, a commit with changes, or a digest. */
  readonly revision: string;
  /** For a person: "main 1a2b3c4d". */
  readonly label: string;
}

/** What a deploy of this source would deploy now; changes nothing. Problems: SOURCE_*, GIT_*, ARTIFACT_*. */
export async function resolveRevision(source: SourceSpec, place: Place): Promise<Revision> {
  if (source.kind === "directory") return directoryRevision(source.path, place.path);
  if (source.kind === "git") return remoteRevision(source, place);
  if (source.kind === "upload") return { revision: source.revision, label: source.label };
  return artifactRevision(source.path);
}
