import type { SourceSpec } from "../../plan/spec.ts";
import type { Place } from "../place.ts";
import { unpackArtifact } from "./artifact.ts";
import { checkOut } from "./checkout.ts";
import { copyDirectory } from "./directory.ts";
import { mirrorOf } from "./mirror.ts";
import { commitTime } from "./repository.ts";
import { uploadPath } from "./upload.ts";

export interface FetchInput {
  readonly source: SourceSpec;
  readonly revision: string;
  /** Empty directory of the release. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

/** Brings the files of a source into the release. Problems: SOURCE_*, GIT_*, ARTIFACT_*. */
export async function fetchSource(place: Place, input: FetchInput): Promise<void> {
  const { source, directory, revision, signal } = input;
  if (source.kind === "directory") return copyDirectory(source.path, directory, place.path);
  if (source.kind === "git")
    return checkOut(place, {
      url: source.url,
      commit: revision,
      part: source.directory,
      target: directory,
      signal,
    });
  if (source.kind === "upload") return unpackArtifact(uploadPath(place, source.key), directory);
  return unpackArtifact(source.path, directory);
}

/** When a fetched revision was committed, ms since the epoch; null: the source is no repository, or it is not in the mirror. */
export async function fetchedCommitTime(
  place: Place,
  source: SourceSpec,
  revision: string,
): Promise<number | null> {
  return source.kind === "git" ? await commitTime(mirrorOf(place, source.url), revision) : null;
}
