import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readText, replaceFile } from "../file.ts";
import { liveTree, point } from "../links/tree.ts";
import { runShell } from "../shell.ts";
import type { Files } from "./include.ts";
import { notReloaded, rejected } from "./problems.ts";
import { settle, ticksNow } from "./running.ts";
import type { Setup } from "./setup.ts";

const shellMs = 20_000;

/** True when nginx would load just these. */
export async function isLoadable({ contents }: Files): Promise<boolean> {
  for (const [path, content] of Object.entries(contents))
    if ((await readText(path)) !== content) return false;
  return true;
}

/**
 * Files, test, `prepare`, reload, and no worker of before that takes connections; on a refusal everything is as it was.
 * Problems: TRAFFIC_CONFIG_REJECTED, TRAFFIC_RELOAD_FAILED.
 */
export async function load(setup: Setup, files: Files, prepare?: () => Promise<void>): Promise<void> {
  const restore = await replaceAll(files);
  const tested = await runShell(`${setup.command} -t`, shellMs);
  if (!tested.isOk) {
    await restore();
    throw rejected(setup, tested.lines);
  }
  const before = await liveTree(setup.directory);
  await prepare?.();
  const ticks = await ticksNow();
  const reloaded = await runShell(setup.reload, shellMs);
  if (reloaded.isOk && (await settle(setup, files.digest, ticks))) return;
  await restore();
  if (before !== null) await point(setup.directory, before);
  await runShell(setup.reload, shellMs);
  throw notReloaded(setup, reloaded.isOk ? undefined : reloaded.lines.at(-1));
}

/** Writes the files, and answers how to have them as they were. */
async function replaceAll({ contents }: Files): Promise<() => Promise<void>> {
  const before: (readonly [string, string | null])[] = [];
  const restore = async (): Promise<void> => {
    for (const [path, content] of before)
      await (content === null ? rm(path, { force: true }) : replaceFile(path, content));
  };
  try {
    for (const [path, content] of Object.entries(contents)) {
      before.push([path, await readText(path)]);
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await replaceFile(path, content);
    }
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}
