import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { setImmediate, setTimeout } from "node:timers/promises";

/** The relayed program: in a session of its own, and not outliving the relay even when that is killed. */
export interface Program {
  readonly pid: number;
  /** Exit status as a shell tells it: the code, or 128 and the signal. */
  readonly ended: Promise<number>;
  /** Passes a signal on, unless the sender gave it to every process of the instance himself. */
  pass(signal: NodeJS.Signals): void;
}

export interface ProgramStart {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const sameSignalMs = 250;

/** null when the program cannot be started; `fail` then has the reason and the exit status of a shell. */
export async function startProgram(
  start: ProgramStart,
  fail: (why: string, status: number) => void,
): Promise<Program | null> {
  const [name, ...words] = start.command;
  const child = spawn(name, words, { stdio: "inherit", detached: true, env: { ...start.env } });
  const { pid } = child;
  if (pid === undefined) {
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once("error", resolve));
    const isMissing = error.code === "ENOENT";
    fail(`${name}: ${isMissing ? "not found" : error.message}`, isMissing ? 127 : 126);
    return null;
  }
  const leash = tie(pid);
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => {
      leash.stdin?.end("done\n");
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  return { pid, ended, pass: (signal) => void passOn(pid, signal, leash) };
}

/** A shell that waits for the relay to vanish without a word, and then kills the program's group. */
function tie(pid: number): ChildProcess {
  const leash = spawn("/bin/sh", ["-c", 'read -r word || kill -s KILL -- "-$0"', String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: process.env,
  });
  leash.on("error", () => undefined);
  leash.stdin.on("error", () => undefined);
  leash.unref();
  return leash;
}

/** The supervisor signals every process of an instance, the leash included; some programs take a second signal as haste. */
async function passOn(pid: number, signal: NodeJS.Signals, leash: ChildProcess): Promise<void> {
  await setTimeout(sameSignalMs);
  // On a busy machine the timer may be told before the leash's end, which came first.
  await setImmediate();
  if (leash.signalCode === signal) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
