import { replaceAll } from "../files.ts";
import { liveTree, point } from "../links/tree.ts";
import { runShell } from "../shell.ts";
import type { Files } from "./include.ts";
import { notReloaded, rejected } from "./problems.ts";
import { settle, ticksNow } from "./running.ts";
import type { Setup } from "./setup.ts";

const shellMs = 20_000;

/**
 * Files, test, `prepare`, reload, and no worker of before that takes connections; on a refusal everything is as it was.
 * Problems: TRAFFIC_CONFIG_REJECTED, TRAFFIC_RELOAD_FAILED.
 */
export async function load(setup: Setup, files: Files, prepare?: () => Promise<void>): Promise<void> {
  const restore = await replaceAll(files.contents);
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
