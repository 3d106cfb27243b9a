import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { within } from "./deadline.ts";
import type { Load } from "./load.ts";
import type { Progress } from "./prober.ts";
import type { ProofResult } from "./result.ts";
import { monotonicMs, type ProberCommand, type ProberReport } from "./words.ts";

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
  /** What it has seen so far; rejects when it ends before it tells, or does not tell in time. */
  look(): Promise<ProofResult>;
  /** Rejects when it does not tell in time what it has seen; it has ended in either case. */
  stop(): Promise<ProofResult>;
  /** Ends it without a result. */
  kill(): void;
}

const startMs = 10_000;
const lookMs = 5000;
/** Beyond what the last requests may take, which is twice their time when it did not run meanwhile. */
const stopMs = 3000;
const exitMs = 2000;
const silent = "the prober did not tell what it saw";

interface Started {
  readonly main?: string;
  /** Runs it elsewhere: the words before the command, for example those that enter a network namespace. */
  readonly via?: readonly string[];
  readonly onProgress?: (progress: Progress) => void;
}

/** Starts dist/proof/main.js; resolves when its load runs, rejects when it cannot start. */
export async function startProber(load: Load, options: Started = {}): Promise<ProberProcess> {
  const { child, send, heard, result, exited } = spawnProber(options);
  const kill = (): void => void child.kill("SIGKILL");
  const killed = (error: unknown): never => {
    kill();
    throw error;
  };
  /** The answer to one command. */
  const ask = <T>(command: ProberCommand, answers: ((told: T) => void)[]): Promise<T> => {
    const answer = new Promise<T>((resolve) => answers.push(resolve));
    send(command);
    return Promise.race([answer, result.then(() => Promise.reject(new Error("the prober has ended")))]);
  };
  await within(ask({ do: "start", load }, heard.starts), startMs, "the prober did not start").catch(killed);
  return {
    pid: child.pid ?? 0,
    begin: (name) => send({ do: "begin", name, at: monotonicMs() }),
    end: () => send({ do: "end", at: monotonicMs() }),
    switching: () => send({ do: "switching" }),
    switched: () => send({ do: "switched" }),
    settle: () => ask({ do: "settle" }, heard.settlings),
    look: () => within(ask({ do: "look" }, heard.looks), lookMs, silent),
    async stop() {
      send({ do: "stop" });
      const got = await within(result, 2 * load.timeoutMs + stopMs, silent).catch(killed);
      child.stdin.end();
      await within(exited, exitMs, "the prober did not end").catch(kill);
      return got;
    },
    kill,
  };
}

function parsed(line: string): ProberReport | null {
  try {
    const report: ProberReport = JSON.parse(line);
    return report;
  } catch {
    return null;
  }
}

function spawnProber({ main, via = [], onProgress }: Started) {
  const own = main ?? fileURLToPath(new URL("./main.js", import.meta.url));
  const [program, ...words] = [...via, process.execPath, own];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  // Where nothing could be started, for want of files, there are none.
  const { stdin, stdout }: { readonly stdin?: Writable; readonly stdout?: Readable } = child;
  const send = (command: ProberCommand): void => void stdin?.write(`${JSON.stringify(command)}\n`);
  const heard = {
    starts: [] as (() => void)[],
    looks: [] as ((result: ProofResult) => void)[],
    settlings: [] as (() => void)[],
  };
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const result = new Promise<ProofResult>((resolve, reject) => {
    child.once("error", reject);
    stdin?.on("error", reject);
    child.once("close", (code) =>
      reject(new Error(`the prober ended with ${code ?? "a signal"} and no result`)),
    );
    if (stdout === undefined) return;
    createInterface({ input: stdout }).on("line", (line) => {
      const report = parsed(line);
      // Its last words, cut off in the middle of a line.
      if (report === null) reject(new Error(silent));
      else if (report.report === "started") heard.starts.shift()?.();
      else if (report.report === "settled") heard.settlings.shift()?.();
      else if (report.report === "progress") onProgress?.(report);
      else if (report.report === "look") heard.looks.shift()?.(report.result);
      else resolve(report.result);
    });
  });
  // Whoever asks hears of it; nobody may be asking.
  result.catch(() => undefined);
  return { child, send, heard, result, exited };
}
