import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { splitLines } from "./lines.ts";

export interface Command {
  /** A line for /bin/sh. */
  readonly line: string;
  readonly cwd: string;
  /** Complete environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  onLine(line: string): void;
}

export interface CommandEnd {
  readonly why: "exit" | "deadline" | "abort";
  /** 128 + n when a signal ended the command. */
  readonly code: number;
  /** The last lines it printed. */
  readonly lines: readonly string[];
}

const keptLines = 50;
const graceMs = 5000;

/**
 * $1 runs in a process group of its own. A watcher in that group reads a pipe from us: when we die, however we die,
 * it ends the group, so that no build goes on behind the back of the next deployment.
 */
const supervised = `exec 3<&0 </dev/null
( trap '' TERM INT HUP; exec >/dev/null 2>&1; while read -r _ <&3; do :; done; kill -TERM 0; sleep ${graceMs / 1000}; kill -KILL 0 ) &
watcher=$!
trap : TERM INT HUP
/bin/sh -c "$1" 3<&-
code=$?
kill -KILL $watcher
exit $code`;

/** Runs a command to its end and tells its lines as they appear. Rejects only when /bin/sh itself cannot start. */
export async function runCommand(command: Command): Promise<CommandEnd> {
  const lines: string[] = [];
  const onLine = (line: string): void => {
    if (lines.push(line) > keptLines) lines.shift();
    command.onLine(line);
  };
  const child = spawn("/bin/sh", ["-c", supervised, "cutover", command.line], {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined);
  const output = readOutput(child, onLine);
  const exited = exitCode(child);
  const why = await firstOf(exited, command);
  if (why !== "exit") await endGroup(child, exited);
  const code = await exited;
  await output.finish();
  return { why, code, lines };
}

function exitCode(child: ChildProcessWithoutNullStreams): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 137));
  });
}

async function firstOf(exited: Promise<number>, command: Command): Promise<CommandEnd["why"]> {
  const done = new AbortController();
  const { signal } = command;
  try {
    return await Promise.race([
      exited.then(() => "exit" as const),
      delay(command.timeoutMs, "deadline" as const, { signal: done.signal }).catch(() => "exit" as const),
      new Promise<"abort">((resolve) => {
        if (signal?.aborted === true) resolve("abort");
        signal?.addEventListener("abort", () => resolve("abort"), { once: true, signal: done.signal });
      }),
    ]);
  } finally {
    done.abort();
  }
}

/** SIGTERM to the whole group, SIGKILL to what is left of it after the grace period. */
async function endGroup(child: ChildProcessWithoutNullStreams, exited: Promise<number>): Promise<void> {
  const done = new AbortController();
  signalGroup(child.pid, "SIGTERM");
  await Promise.race([exited, delay(graceMs, 0, { signal: done.signal }).catch(() => 0)]);
  done.abort();
  signalGroup(child.pid, "SIGKILL");
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}

/** A daemon left behind keeps the pipes open, so their end is waited for only briefly. */
function readOutput(
  child: ChildProcessWithoutNullStreams,
  onLine: (line: string) => void,
): { finish(): Promise<void> } {
  const streams = [child.stdout, child.stderr].map((stream) => {
    const lines = splitLines(onLine);
    stream.on("data", (chunk: Buffer) => lines.write(chunk));
    const ended = new Promise<void>((resolve) => {
      stream.once("close", resolve);
      stream.on("error", () => undefined);
    });
    return { stream, lines, ended };
  });
  return {
    async finish(): Promise<void> {
      const done = new AbortController();
      const late = delay(500, undefined, { signal: done.signal }).catch(() => undefined);
      await Promise.race([Promise.all(streams.map(({ ended }) => ended)), late]);
      done.abort();
      child.stdin.destroy();
      for (const { stream, lines } of streams) {
        stream.destroy();
        lines.end();
      }
    },
  };
}
