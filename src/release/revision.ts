import type { SourceSpec } from "../plan/spec.ts";
import type { Place } from "./place.ts";

export interface Revision {
  /** Names exactly this content: a commit, a commit with changes, or a digest. */
  readonly revision: string;
  /** For a person: "main 1a2b3c4d". */
  readonly label: string;
}

/** What a deploy of this source would deploy now; changes nothing. Problems: SOURCE_*, GIT_*, ARTIFACT_*. */
export async function resolveRevision(source: SourceSpec, place: Place): Promise<Revision> {
  switch (source.kind) {
    case "directory":
      return await (await import("./source/directory.ts")).directoryRevision(source.path, place.path);
    case "git":
      return await (await import("./source/mirror.ts")).remoteRevision(source, place);
    case "upload":
      return { revision: source.revision, label: source.label };
    case "artifact":
      return await (await import("./source/artifact.ts")).artifactRevision(source.path);
  }
}
