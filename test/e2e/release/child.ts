import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const dist = join(import.meta.dirname, "../../../dist");

/** Runs a module in a process of its own, against the compiled program; `load` in it imports from dist/. */
export function runModule(source: string): ChildProcess {
  const head = `const load = (name) => import(${JSON.stringify(`${dist}/`)} + name);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", head + source], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number = 15_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end)
      throw new Error(`did not happen within ${String(deadlineMs)} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${String(pid)}/cwd`);
}
