import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../bare.ts";
import { cutoverMain, type Ran } from "../host.ts";
import type { Shop } from "./shop.ts";

/** A command of cutover under way, in a process group of its own. */
export interface Running {
  readonly child: ChildProcess;
  /** Waits until the command has printed this. */
  said(text: string): Promise<void>;
  ended(): Promise<Ran>;
}

export function start(shop: Shop, words: readonly string[]): Running {
  const child = spawn(process.execPath, [cutoverMain, ...words], {
    cwd: shop.project,
    env: { ...process.env, CUTOVER_HOME: shop.host.home },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const startedAt = performance.now();
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = once(child, "close");
  return {
    child,
    said: (text) => until(`the deploy says "${text}"`, () => (stdout + stderr).includes(text)),
    async ended(): Promise<Ran> {
      await closed;
      return { exit: child.exitCode ?? 128, stdout, stderr, ms: performance.now() - startedAt };
    },
  };
}
