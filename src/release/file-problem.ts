import { Problem } from "../problem.ts";

/** Whether an error of the operating system carries one of these codes, for example "ENOENT". */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

const known: Readonly<Record<string, { code: string; because: string; fix: string }>> = {
  ENOSPC: {
    code: "DISK_FULL",
    because: "the disk is full",
    fix: "Free space (df -h and df -i show where), or lower `keep`.",
  },
  EDQUOT: { code: "DISK_FULL", because: "the disk quota is used up", fix: "Free space or raise the quota." },
  EACCES: { code: "PLACE_DENIED", because: "permission is denied", fix: ownership() },
  EPERM: { code: "PLACE_DENIED", because: "the operation is not permitted", fix: ownership() },
  EROFS: { code: "PLACE_DENIED", because: "the file system is mounted read-only", fix: "Mount it writable." },
};

function ownership(): string {
  return "Let the deploying user own the directory, for example: sudo install -d -o USER DIRECTORY.";
}

/** Turns an error of the operating system into a problem; `action` reads after "could not". Others pass unchanged. */
export function fileProblem(error: unknown, action: string): Error {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error) || !("code" in error))
    return error instanceof Error ? error : new Error(String(error));
  const entry = known[String(error.code)];
  const what = `cutover could not ${action}: ${entry?.because ?? error.message}.`;
  if (entry === undefined) return new Problem({ code: "FILE_FAILED", what }, { cause: error });
  return new Problem({ code: entry.code, what, why: error.message, fix: entry.fix }, { cause: error });
}
