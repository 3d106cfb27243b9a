import { readlink } from "node:fs/promises";
import type { SourceSpec } from "../plan/spec.ts";
import { exits } from "../problem.ts";
import type { Finding } from "./finding.ts";
import { currentRelease } from "./observe.ts";
import type { Place } from "./place.ts";
import { readRecord } from "./record.ts";
import { measureArtifact } from "./source/artifact.ts";
import { measureDirectory } from "./source/directory.ts";
import { type Space, freeSpace } from "./space.ts";

const margin = 1.2;
/** Below this nothing of a host works well, whatever the release needs. */
const least: Space = { bytes: 50 * 1024 ** 2, inodes: 1000 };

/** Before anything is touched: room for the release, and a `current` that leads to a release. */
export async function preflight(place: Place, source: SourceSpec): Promise<readonly Finding[]> {
  const [need, free] = [await expectedNeed(place, source), await freeSpace(place.releases)];
  return [...shortOf(place, need, free), ...(await strayCurrent(place))];
}

/** What the live release took when it was made, or what its source alone will take, whichever is more. */
async function expectedNeed(place: Place, source: SourceSpec): Promise<Space> {
  const current = await currentRelease(place);
  const record = current === null ? null : await readRecord(place, current);
  const own = await measureSource(place, source);
  return {
    bytes: Math.max(record?.bytes ?? 0, own.bytes),
    inodes: Math.max(record?.inodes ?? 0, own.inodes),
  };
}

async function measureSource(place: Place, source: SourceSpec): Promise<Space> {
  if (source.kind === "directory") return measureDirectory(source.path, place.path);
  if (source.kind === "upload") return { bytes: source.bytes, inodes: source.files };
  return source.kind === "artifact" ? measureArtifact(source.path) : { bytes: 0, inodes: 0 };
}

function shortOf(place: Place, need: Space, free: Space): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [unit, name] of [
    ["bytes", "MB of disk"],
    ["inodes", "inodes"],
  ] as const) {
    const wanted = Math.max(need[unit] * margin, least[unit]);
    if (free[unit] >= wanted) continue;
    const shown = (amount: number): string =>
      String(Math.ceil(unit === "bytes" ? amount / 1024 ** 2 : amount));
    findings.push({
      severity: "refuse",
      problem: {
        code: "DISK_SHORT",
        what: `The release needs about ${shown(wanted)} ${name}, and ${place.path} has ${shown(free[unit])} left.`,
        fix: "Free space (df -h and df -i show where), or lower `keep`.",
        state: "Nothing was changed.",
        exit: exits.refused,
      },
    });
  }
  return findings;
}

async function strayCurrent(place: Place): Promise<readonly Finding[]> {
  const target = await readlink(place.current).catch(() => null);
  if (target === null || (await currentRelease(place)) !== null) return [];
  const problem = {
    code: "CURRENT_STRAY",
    what: `${place.current} points to ${target}, which is not a release under ${place.releases}.`,
    why: "The deployment replaces that link, and there is no release to return to if it fails.",
    fix: `Note where it leads, or move that directory to ${place.releases}/20000101000000 and link it.`,
  };
  return [{ severity: "warn", problem }];
}
