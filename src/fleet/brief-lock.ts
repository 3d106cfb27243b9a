import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { type HeldLock, flockMissing, heldElsewhere, lockFailed } from "./flock.ts";

/**
 * A shell that takes the lock on the file in $1 for each line it reads, and frees it at the next one. It opens the file anew
 * each time, as it may be another one by then, and to read, as another user may have made it.
 */
const script = `while read -r how; do
  [ -e "$1" ] || : >> "$1"
  exec 9< "$1"
  flock $how 9
  code=$?
  echo $code
  [ $code -ne 0 ] || read -r free
  exec 9<&-
  [ $code -ne 0 ] || echo free
done`;
/** What a shell says of a program that is not there. */
const notFound = 127;

interface Taker {
  ask(line: string): Promise<string>;
  /** One that waits for its next lock must not keep us from ending. */
  rest(): void;
}

/** By file. */
const resting = new Map<string, Taker[]>();

/**
 * As takeLock, waiting up to `waitMs`, for one record or one effect: the process that took it is kept for the next one, since to
 * start one costs more than most of what it guards. Problems: FLOCK_MISSING, LOCK_FAILED.
 */
export async function takeBriefly(
  file: string,
  waitMs: number,
  mode: "exclusive" | "shared",
): Promise<HeldLock | null> {
  const taker = resting.get(file)?.pop() ?? startTaker(file);
  const how = `--${mode} --timeout ${waitMs / 1000} --conflict-exit-code ${heldElsewhere}`;
  const code = Number(await taker.ask(how));
  if (code === 0) {
    return {
      async release(): Promise<void> {
        // Whose process is gone has freed it.
        await taker.ask("").catch(() => undefined);
        taker.rest();
      },
    };
  }
  taker.rest();
  if (code === heldElsewhere) return null;
  throw code === notFound ? flockMissing() : lockFailed(file, `flock ended with ${code}.`);
}

function startTaker(file: string): Taker {
  const child = spawn("sh", ["-c", script, "sh", file], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: "/",
    // A session of its own: Ctrl-C must not take the lock away from a step that is being finished.
    detached: true,
  });
  const streams = [child.stdin, child.stdout, child.stderr].filter((one) => one instanceof Socket);
  const handles = [child, ...streams];
  let said = "";
  let isGone = false;
  let settle = (_answer: string | null): void => undefined;
  const end = (): void => {
    isGone = true;
    const others = resting.get(file)?.filter((one) => one !== taker) ?? [];
    resting.set(file, others);
    settle(null);
  };
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => settle(chunk.toString()));
  child.stdin.on("error", () => undefined);
  child.once("error", end);
  child.once("close", end);
  const taker: Taker = {
    ask(line) {
      for (const handle of handles) handle.ref();
      return new Promise((resolve, reject) => {
        settle = (answer) => {
          if (answer === null) reject(lockFailed(file, said.trim()));
          else resolve(answer);
        };
        if (isGone) settle(null);
        else child.stdin.write(`${line}\n`);
      });
    },
    rest() {
      for (const handle of handles) handle.unref();
      if (!isGone) resting.set(file, [...(resting.get(file) ?? []), taker]);
    },
  };
  return taker;
}
