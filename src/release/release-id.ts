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

/** Reserves the directory by mkdir, so two deploys in one second get two ids: the later takes the next free second. */
export async function newReleaseId(place: Place, now: Date): Promise<string> {
  for (let seconds = 0; ; seconds++) {
    const id = formatReleaseId(new Date(now.getTime() + seconds * 1000));
    try {
      await mkdir(releasePath(place, id));
      return id;
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw fileProblem(error, `create a release in ${place.releases}`);
    }
  }
}
