import { replaceAll } from "../files.ts";
import { runShell } from "../shell.ts";
import { notReloaded, rejected, reloadLine } from "./problems.ts";
import { settle } from "./running.ts";
import type { Setup } from "./setup.ts";

const reloadMs = 60_000;

export interface Load {
  /** Path -> content. */
  readonly contents: Readonly<Record<string, string>>;
  readonly digest: string;
}

/**
 * Files, then a reload, in which Caddy refuses what it cannot run with; on a refusal everything is as it was.
 * Problems: TRAFFIC_CONFIG_REJECTED, TRAFFIC_RELOAD_FAILED.
 */
export async function load(setup: Setup, wanted: Load): Promise<void> {
  const restore = await replaceAll(wanted.contents);
  // It ends when the servers of before take no new connections.
  const { isOk, lines } = await runShell(reloadLine(setup), reloadMs);
  if (isOk && (await settle(setup, wanted.digest))) return;
  await restore();
  if (isOk) await runShell(reloadLine(setup), reloadMs);
  const said = lines.filter((line) => line.startsWith("Error: "));
  if (isOk) throw notReloaded(setup, undefined);
  if (/sending configuration to instance: performing request/.test(said.join("\n"))) {
    throw notReloaded(setup, said.at(-1));
  }
  throw rejected(setup, said);
}
