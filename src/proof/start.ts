import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Load } from "./load.ts";
import type { Progress } from "./prober.ts";
import type { ProofResult } from "./result.ts";
import type { ProberCommand, ProberReport } from "./words.ts";

/** A prober in a process of its own. */
export interface ProberProcess {
  readonly pid: number;
  begin(name: string): void;
  end(): void;
  /** Traffic is about to go elsewhere. */
  switching(): void;
  /** It goes there now. */
  switched(): void;
  /** Resolves when the requests sent until now have ended, which takes a slow service as long as it takes to answer. */
  settle(): Promise<void>;
  /** What it has seen so far; rejects when it ends before it tells. */
  look(): Promise<ProofResult>;
  stop(): Promise<ProofResult>;
  /** Ends it without a result. */
  kill(): void;
}

/** Starts dist/proof/main.js; resolves when its load runs, rejects when it cannot start. */
export async function startProber(
  load: Load,
  options: {
    readonly main?: string;
    /** Runs it elsewhere: the words before the command, for example those that enter a network namespace. */
    readonly via?: readonly string[];
    readonly onProgress?: (progress: Progress) => void;
  } = {},
): Promise<ProberProcess> {
  const main = options.main ?? fileURLToPath(new URL("./main.js", import.meta.url));
  const [program, ...words] = [...(options.via ?? []), process.execPath, main];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  const send = (command: ProberCommand): void => void child.stdin.write(`${JSON.stringify(command)}\n`);
  const exited = once(child, "exit");
  const looks: ((result: ProofResult) => void)[] = [];
  const settlings: (() => void)[] = [];
  const result = new Promise<ProofResult>((resolve, reject) => {
    child.once("error", reject);
    child.stdin.on("error", reject);
    child.once("close", (code) =>
      reject(new Error(`the prober ended with ${code ?? "a signal"} and no result`)),
    );
    createInterface({ input: child.stdout }).on("line", (line) => {
      const report: ProberReport = JSON.parse(line);
      if (report.report === "started") child.emit("started");
      else if (report.report === "settled") settlings.shift()?.();
      else if (report.report === "progress") options.onProgress?.(report);
      else if (report.report === "look") looks.shift()?.(report.result);
      else resolve(report.result);
    });
  });
  const started = once(child, "started");
  send({ do: "start", load });
  await Promise.race([started, result]);
  return {
    pid: child.pid ?? 0,
    begin: (name) => send({ do: "begin", name }),
    end: () => send({ do: "end" }),
    switching: () => send({ do: "switching" }),
    switched: () => send({ do: "switched" }),
    async settle() {
      const settled = new Promise<void>((resolve) => settlings.push(resolve));
      send({ do: "settle" });
      await Promise.race([settled, result]);
    },
    look() {
      const look = new Promise<ProofResult>((resolve) => looks.push(resolve));
      send({ do: "look" });
      return Promise.race([look, result]);
    },
    async stop() {
      send({ do: "stop" });
      const got = await result;
      child.stdin.end();
      await exited;
      return got;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
