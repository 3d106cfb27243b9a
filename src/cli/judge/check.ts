import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { nothing, type Count, type Tick } from "../../proof/judge/tick.ts";

const mostCharacters = 4096;

interface Checked {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One that takes longer is bad. */
  readonly timeoutMs: number;
}

interface Place {
  readonly host: string;
  readonly release: string;
}

interface Pair {
  readonly canary: Place;
  readonly control: Place | undefined;
}

/** The user's own check, one at a time; whoever gathers evidence takes what is there and waits for nothing. */
export interface Checks {
  /** Unless one is under way; what has not ended after `forMs` is ended, and tells nothing. */
  begin(pair: Pair, forMs: number): void;
  /** What ended since. */
  take(): readonly Tick[];
  stop(): void;
}

export function openChecks(checked: Checked): Checks {
  const ended: Tick[] = [];
  let underWay: AbortController | null = null;
  const checkOnce = async (pair: Pair, forMs: number): Promise<void> => {
    const stopping = new AbortController();
    underWay = stopping;
    const timer = setTimeout(() => stopping.abort(), forMs);
    const tick = await runCheck(checked, pair, stopping.signal);
    clearTimeout(timer);
    underWay = null;
    if (!stopping.signal.aborted) ended.push(tick);
  };
  return {
    begin(pair, forMs) {
      if (underWay === null && forMs > 0) void checkOnce(pair, forMs);
    },
    take: () => ended.splice(0),
    stop: () => underWay?.abort(),
  };
}

/** Of a server of each release, at the same time. Never rejects. */
export async function runCheck(
  checked: Checked,
  { canary, control }: Pair,
  stopping?: AbortSignal,
): Promise<Tick> {
  const [one, other] = await Promise.all([
    run(checked, { ...canary, arm: "new" }, stopping),
    control === undefined ? nothing : run(checked, { ...control, arm: "old" }, stopping),
  ]);
  return { at: Date.now(), signals: { check: { canary: one, control: other } } };
}

/** In a group of its own, which ends as one. */
function run(
  { command, cwd, env, timeoutMs }: Checked,
  { host, release, arm }: Place & { readonly arm: string },
  stopping: AbortSignal | undefined,
): Promise<Count> {
  const own = { CUTOVER_HOST: host, CUTOVER_RELEASE: release, CUTOVER_ARM: arm };
  const child = spawn("/bin/sh", ["-c", command], {
    cwd,
    env: { ...env, ...own },
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  // Where it could not be started, for want of files, there is none.
  const { stdout }: { readonly stdout?: Readable } = child;
  stdout?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-mostCharacters);
  });
  const kill = (): void => {
    if (child.pid !== undefined) killGroup(child.pid);
    stdout?.destroy();
  };
  const timer = setTimeout(kill, timeoutMs);
  stopping?.addEventListener("abort", kill);
  // A group of its own hears nothing of our end.
  process.once("exit", kill);
  return new Promise((resolve) => {
    const end = (isGood: boolean): void => {
      clearTimeout(timer);
      stopping?.removeEventListener("abort", kill);
      process.off("exit", kill);
      resolve(countOf(output, isGood));
    };
    child.once("error", () => end(false));
    child.once("close", (code) => end(code === 0));
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** "2 of 150" on the last line are that many bad ones; without one the exit code is a single event. */
export function countOf(output: string, isGood: boolean): Count {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const [, bad, total] = /^\s*(\d+) of (\d+)\s*$/.exec(last) ?? [];
  if (!isGood || bad === undefined || total === undefined) return { total: 1, bad: isGood ? 0 : 1 };
  return { total: Number(total), bad: Math.min(Number(bad), Number(total)) };
}
