import { spawn } from "node:child_process";
import { Problem, exits } from "../problem.ts";

export interface HeldLock {
  release(): Promise<void>;
}

const script = "echo held; exec cat >/dev/null";
/** What flock(1) is told to exit with when somebody else holds the lock. */
const heldElsewhere = 75;

/**
 * Takes flock(2) on a file through flock(1); null when it is held elsewhere for `waitMs`.
 * One helper process holds it and reads a pipe from us, so it is free the moment we die, however we die; no other
 * process of ours inherits the descriptor. Problem: FLOCK_MISSING.
 */
export function takeLock(
  file: string,
  waitMs: number,
  mode: "exclusive" | "shared" = "exclusive",
): Promise<HeldLock | null> {
  const wait = waitMs === 0 ? ["--nonblock"] : ["--timeout", String(waitMs / 1000)];
  const argv = [
    ...wait,
    `--${mode}`,
    "--no-fork",
    "--conflict-exit-code",
    String(heldElsewhere),
    file,
    "sh",
    "-c",
    script,
  ];
  const child = spawn("flock", argv, {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: "/",
    // A session of its own: Ctrl-C must not take the lock away from a step that is being finished.
    detached: true,
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(flockMissing(error)));
    child.once("close", (code) => {
      if (code === heldElsewhere) resolve(null);
      else reject(lockFailed(file, said.trim()));
    });
    child.stdout.once("data", () => {
      resolve({
        async release(): Promise<void> {
          child.stdin.end();
          await ended;
        },
      });
    });
  });
}

function flockMissing(cause: Error): Problem {
  return new Problem(
    {
      code: "FLOCK_MISSING",
      what: "This host has no flock program, which cutover's locks need.",
      fix: "Install util-linux, for example: sudo apt-get install util-linux",
      state: "Nothing was changed.",
      exit: exits.refused,
    },
    { cause },
  );
}

function lockFailed(file: string, said: string): Problem {
  return new Problem({
    code: "LOCK_FAILED",
    what: `The lock ${file} could not be taken.`,
    why: said,
    fix: "Check that this user may write there, and that there is room on the disk.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
