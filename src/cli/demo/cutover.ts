import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProblemDetail } from "../../problem.ts";
import type { Shop } from "./shop.ts";

/** How one command of the demo ended. */
export interface Ran {
  readonly exit: number;
  readonly ms: number;
  readonly problem: ProblemDetail | undefined;
}

const main = fileURLToPath(new URL("../main.js", import.meta.url));

/** Runs the real program, as an operator would, against the shop; its events are read, not shown. */
export async function runCutover(shop: Shop, words: readonly string[], signal: AbortSignal): Promise<Ran> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [main, ...words, "--json"], {
    cwd: shop.source,
    env: { ...process.env, CUTOVER_HOME: shop.home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => void child.kill("SIGINT");
  signal.addEventListener("abort", stop, { once: true });
  let problem: ProblemDetail | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    problem = problemIn(line) ?? problem;
  });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  await once(child, "close");
  signal.removeEventListener("abort", stop);
  const exit = child.exitCode ?? 1;
  if (exit !== 0 && problem === undefined) {
    problem = {
      code: "BUG",
      what: `cutover ${words.join(" ")} ended with ${exit}.`,
      evidence: errors.slice(-20),
    };
  }
  return { exit, ms: performance.now() - startedAt, problem };
}

function problemIn(line: string): ProblemDetail | undefined {
  const event: { event?: string; problem?: ProblemDetail } = JSON.parse(line);
  return event.event === "result" || event.event === "end" ? event.problem : undefined;
}
