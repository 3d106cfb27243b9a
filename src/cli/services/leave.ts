import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Problem, exits } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { HomePaths } from "../../process/home.ts";

const deadlineMs = 60_000;

/** Ends the supervisor and waits until its process is gone: only then can another take its place. */
export async function endSupervisor(client: SupervisorClient, instances: "keep" | "stop"): Promise<void> {
  const { pid } = await client.ping();
  await client.shutdown(instances);
  const deadline = performance.now() + deadlineMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw stays(pid);
    await pause(20);
  }
}

/** The services that ran when kill ended them, for resurrect. */
export function rememberKilled(home: HomePaths, keys: readonly string[]): void {
  writeFileSync(fileOf(home), JSON.stringify(keys), { mode: 0o600 });
}

/** Told once. */
export function takeKilled(home: HomePaths): readonly string[] {
  try {
    const keys: unknown = JSON.parse(readFileSync(fileOf(home), "utf8"));
    rmSync(fileOf(home));
    return Array.isArray(keys) ? keys.map(String) : [];
  } catch {
    return [];
  }
}

function fileOf(home: HomePaths): string {
  return join(home.home, "killed.json");
}

/** A process that nobody has reaped yet is gone as well. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}

function stays(pid: number): Problem {
  return new Problem({
    code: "SUPERVISOR_STAYS",
    what: `The supervisor (pid ${String(pid)}) does not leave.`,
    fix: `Look at what it does, or end it: kill ${String(pid)}. The instances are not affected.`,
    exit: exits.needsAttention,
  });
}
