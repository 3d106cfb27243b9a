import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Machine } from "./machine.ts";

/** A client on a machine of the bed, for single questions. */
export interface Asker {
  ask(url: string, headers?: Readonly<Record<string, string>>): Promise<Asked>;
  close(): Promise<void>;
}

export interface Asked {
  /** 0: no answer; `body` says why. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function openAsker(machine: Machine): Asker {
  const [program, ...words] = machine.inside([process.execPath, join(import.meta.dirname, "asker.mjs")]);
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"], cwd: "/" });
  const waiting: ((asked: Asked) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
  return {
    ask: (url, headers = {}) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify({ url, headers })}\n`);
      }),
    async close() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}
