import type { SourceSpec } from "../../plan/spec.ts";
import type { Place } from "../place.ts";
import { unpackArtifact } from "./artifact.ts";
import { checkOut } from "./checkout.ts";
import { copyDirectory } from "./directory.ts";
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
