import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { AppSpec } from "../../plan/spec.ts";
import { digestText } from "../../release/digest.ts";
import { drainReleases } from "../../release/drain.ts";
import { openPlace, releasePath } from "../../release/place.ts";
import { packTree } from "../../release/source/pack.ts";
import { stageRelease } from "../../release/stage.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { placeHere } from "./here.ts";
import { sendFile } from "./upload.ts";
import type { Wish } from "./wish.ts";

interface Making {
  readonly wish: Wish;
  readonly release: string;
  readonly previous: string | null;
}

/**
 * Builds the release once on this machine and brings what came of it to every server; answers the settings with that as their
 * source. Problems: as stageRelease, DISK_SHORT and DISK_FULL of a server.
 */
export async function buildHere(context: Context, io: Io, making: Making): Promise<AppSpec> {
  const { wish, release, previous } = making;
  const { spec, env } = wish;
  warnOfOtherKinds(context, io);
  const place = await openPlace(placeHere(context.config, io.env).path);
  await stageRelease(place, {
    id: release,
    app: spec.app,
    stage: spec.stage,
    host: hostname(),
    // What a server adds to a release is not for this machine.
    spec: {
      ...spec.release,
      source: wish.local,
      shared: { dirs: [], files: [] },
      writable: [],
      assets: undefined,
    },
    revision: wish.revision,
    env,
    previous,
    variables: variablesOf(env),
    emit: (event) => io.emit(event),
    signal: io.signal,
  });
  const directory = releasePath(place, release);
  const { envTo } = spec.release;
  const scratch = await mkdtemp(join(tmpdir(), "cutover-pack-"));
  try {
    const packed = join(scratch, "release.tar.gz");
    const { bytes, files } = await packTree(directory, envTo === undefined ? [] : [envTo], packed);
    const key = digestText("built", spec.app, release, wish.revision).slice(0, 40);
    const { revision, label } = wish;
    const source = { kind: "upload", key, revision, label, bytes, files } as const;
    await sendFile(packed, source, context.hosts, io);
    return { ...spec, release: { ...spec.release, source } };
  } finally {
    await rm(scratch, { recursive: true, force: true });
    if (envTo !== undefined) await rm(join(directory, envTo), { force: true });
    // The last one stays, and with it its dependencies for the next.
    await drainReleases(place, { mark: "good", of: release, keep: 1, alsoKeep: [release] });
  }
}

function variablesOf(env: string | undefined): Record<string, string> {
  const entries = Object.entries(parseEnv(env ?? ""));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
}

/** Modules with compiled code run only on the kind of machine that they were built on. */
function warnOfOtherKinds({ hosts }: Context, io: Io): void {
  const here = `${process.platform}-${process.arch}`;
  const others = hosts.filter(({ about }) => about.platform !== here);
  if (others.length === 0) return;
  const names = others.map(({ name, about }) => `${name} (${about.platform})`).join(", ");
  io.emit({
    event: "warning",
    problem: {
      code: "BUILD_OTHER_KIND",
      what: `The release is built on ${here} for ${names}.`,
      why: "Dependencies with compiled code run only on the kind of machine that they were installed on.",
      fix: "When it has such dependencies: build: { where: server }",
    },
  });
}
