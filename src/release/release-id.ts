import { mkdir } from "node:fs/promises";
import { fileProblem, hasCode } from "./file-problem.ts";
import { type Place, releasePath } from "./place.ts";

const format = /^\d{14}$/;

export function isReleaseId(name: string): boolean {
  return format.test(name);
}

/** UTC, YYYYMMDDHHMMSS. */
export function formatReleaseId(time: Date): string {
  return time.toISOString().replace(/\D/g, "").slice(0, 14);
}

export function readReleaseId(id: string): Date {
  return new Date(id.replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** Makes its directory, so that of two who want the same id one gets it; false: it is taken. */
export async function reserveRelease(place: Place, id: string): Promise<boolean> {
  try {
    await mkdir(releasePath(place, id));
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw fileProblem(error, `create a release in ${place.releases}`);
  }
}
