import { type Done, noRelease, type ReleaseEffect } from "../plan/effect.ts";
import { exits, Problem } from "../problem.ts";
import { keepAssets } from "../release/assets.ts";
import { checkRelease } from "../release/check.ts";
import { drainReleases } from "../release/drain.ts";
import { currentRelease, observeReleases } from "../release/observe.ts";
import { stageRelease } from "../release/stage.ts";
import { keepUploads } from "../release/source/upload.ts";
import { switchCurrent } from "../release/switch.ts";
import { unlinkCurrent } from "../release/unlink.ts";
import { releaseVariables } from "./command-effects.ts";
import type { Host } from "./local.ts";

/** Layer 1: files. */
export async function applyRelease(
  host: Host,
  effect: ReleaseEffect,
  signal: AbortSignal | undefined,
): Promise<Done> {
  switch (effect.verb) {
    case "stage":
      return await stage(host, effect.release, signal);
    case "check":
      return { notes: await check(host, effect.release) };
    case "switch":
      return { notes: await switchTo(host, effect.release) };
    case "drain":
      return { notes: await drain(host, effect) };
  }
}

async function stage(host: Host, release: string, signal: AbortSignal | undefined): Promise<Done> {
  const goal = host.goal();
  const { spec, env } = await host.shelf.load(release);
  const { notes, committedAt } = await stageRelease(host.place, {
    id: release,
    app: host.app,
    stage: spec.stage,
    host: host.name,
    spec: spec.release,
    revision: release === goal.release ? goal.revision : undefined,
    env,
    envDigest: release === goal.release ? goal.envDigest : null,
    previous: goal.previous,
    variables: await releaseVariables(host, release),
    emit: host.emit,
    signal,
  });
  return { notes, ...(committedAt === null ? {} : { committedAt }) };
}

async function switchTo(host: Host, release: string): Promise<readonly string[]> {
  if (release === noRelease) return await unlinkCurrent(host.place);
  return [...(await carryAssets(host, release)), ...(await switchCurrent(host.place, release))];
}

/** On the way back the pages that are open are those of a newer release. What goes wrong here holds nothing up. */
async function carryAssets(host: Host, release: string): Promise<readonly string[]> {
  const current = await currentRelease(host.place);
  if (current === null || current <= release) return [];
  const assets = (await host.shelf.load(release).catch(() => null))?.spec.release.assets;
  if (assets === undefined) return [];
  return await keepAssets(host.place, { id: release, ...assets, now: Date.now() }).then(
    () => [],
    (error: unknown) => [`files of release ${current} may be missed by open pages: ${String(error)}`],
  );
}

async function check(host: Host, release: string): Promise<readonly string[]> {
  const { spec } = await host.shelf.load(release);
  const findings = await checkRelease(host.place, {
    id: release,
    spec: spec.release,
    env: await releaseVariables(host, release),
    dirs: spec.services.map((service) => service.cwd),
  });
  const refusal = findings.find((finding) => finding.severity === "refuse");
  if (refusal !== undefined) throw new Problem({ exit: exits.failedOldServes, ...refusal.problem });
  for (const finding of findings) host.emit({ event: "warning", problem: finding.problem });
  return [];
}

/** Marks and prunes; releases that known instances run from stay, whatever their state. */
async function drain(host: Host, effect: ReleaseEffect & { verb: "drain" }): Promise<readonly string[]> {
  const services = await host.processes.services();
  const running = services
    .filter((service) => service.app === host.app)
    .flatMap((service) => [service.live, ...service.instances.map((instance) => instance.release)]);
  const { previous, release, spec } = host.goal();
  const notes = await drainReleases(host.place, {
    mark: effect.mark,
    of: effect.of,
    keep: spec.release.keep,
    alsoKeep: [release, previous, ...running].filter((id) => id !== null),
  });
  const { releases } = await observeReleases(host.place);
  const kept = [release, ...releases.map((view) => view.id)];
  await host.shelf.keepOnly(kept);
  await keepUploads(host.place, await uploadsOf(host, kept));
  return notes;
}

/** A server that lags behind gets its files from one that has them. */
async function uploadsOf(host: Host, releases: readonly string[]): Promise<ReadonlySet<string>> {
  const shelved = await Promise.all(releases.map((id) => host.shelf.load(id).catch(() => null)));
  const keys = shelved.flatMap((one) => {
    const source = one?.spec.release.source;
    return source?.kind === "upload" ? [source.key] : [];
  });
  return new Set(keys);
}
