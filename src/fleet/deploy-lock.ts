import type { Stats } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Problem, exits } from "../problem.ts";
import { writeDurably } from "../release/durable.ts";
import { isObject, parseObject } from "../release/json.ts";
import { type HeldLock, takeLock } from "./flock.ts";

/** Politeness between operators (the epoch is the safety): who deploys, told to whoever comes second. */
export interface LockInfo {
  readonly operator: string;
  readonly pid: number;
  /** What the holder does: "deploy 20261121101502". */
  readonly doing: string;
  /** ms since the epoch. */
  readonly since: number;
}

export interface HandLock {
  readonly operator: string;
  readonly since: number;
  readonly message: string;
}

/** Held until released, or until this process is gone. Problems: LOCK_HELD, LOCKED_BY_HAND (both exit 3). */
export async function holdDeployLock(dir: string, info: LockInfo): Promise<HeldLock> {
  const frozen = await readHandLock(dir);
  if (frozen !== null) throw lockedByHand(frozen);
  const lock = await takeLock(join(dir, "deploy.lock"), 0);
  if (lock === null) throw lockHeld(await readInfo(dir));
  await writeDurably(join(dir, "deploy.holder"), `${JSON.stringify(info)}\n`);
  return {
    async release(): Promise<void> {
      await rm(join(dir, "deploy.holder"), { force: true });
      await lock.release();
    },
  };
}

/** Freezes deployments until `unlockByHand`. A second lock keeps the first one's message. */
export async function lockByHand(dir: string, lock: HandLock): Promise<HandLock> {
  const held = await readHandLock(dir);
  if (held !== null) return held;
  await writeDurably(join(dir, "lock"), `${JSON.stringify(lock)}\n`);
  return lock;
}

/** The lock that was removed; null: there was none. */
export async function unlockByHand(dir: string): Promise<HandLock | null> {
  const held = await readHandLock(dir);
  await rm(join(dir, "lock"), { force: true });
  return held;
}

/** null: not locked. A lock file that cannot be read still locks. */
export async function readHandLock(dir: string): Promise<HandLock | null> {
  const text = await readFile(join(dir, "lock"), "utf8").catch(() => null);
  if (text === null) return null;
  const value = parseObject(text);
  return isHandLock(value) ? value : { operator: "somebody", since: 0, message: text.trim() };
}

/** Who changes the app now; null: nobody. Looks at the lock without touching it, and the holder may be on another machine. */
export async function readHolder(dir: string): Promise<LockInfo | null> {
  const info = await readInfo(dir);
  return info !== null && (await isLocked(join(dir, "deploy.lock"))) ? info : null;
}

async function isLocked(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found === null) return false;
  const locks = (await readFile("/proc/locks", "utf8").catch(() => "")).split("\n");
  const alike = locks.filter((line) => line.includes(`:${found.ino} `));
  const held = await Promise.all(alike.map((line) => isHeldBy(line.trim().split(/\s+/)[4] ?? "", found)));
  return held.includes(true);
}

/** A file on another file system may have the same number. Of a process that we may not look into it is believed. */
async function isHeldBy(pid: string, { dev, ino }: Stats): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => null);
  if (names === null) return true;
  const open = await Promise.all(names.map((name) => stat(join(directory, name)).catch(() => null)));
  return open.some((one) => one?.dev === dev && one.ino === ino);
}

async function readInfo(dir: string): Promise<LockInfo | null> {
  const value = parseObject(await readFile(join(dir, "deploy.holder"), "utf8").catch(() => ""));
  return isLockInfo(value) ? value : null;
}

function isLockInfo(value: unknown): value is LockInfo {
  return isObject(value) && typeof value["operator"] === "string" && typeof value["since"] === "number";
}

function isHandLock(value: unknown): value is HandLock {
  return isLockInfo(value) && "message" in value && typeof value.message === "string";
}

function lockHeld(info: LockInfo | null): Problem {
  const who = info === null ? "Somebody" : `${info.operator} (pid ${info.pid}, ${info.doing})`;
  const since =
    info === null
      ? "is changing this app"
      : `has been changing this app since ${new Date(info.since).toISOString()}`;
  return new Problem({
    code: "LOCK_HELD",
    what: `${who} ${since}.`,
    fix: "Wait until it has ended; the lock goes away with its owner, there is nothing to remove.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}

function lockedByHand(lock: HandLock): Problem {
  const since = lock.since === 0 ? "" : ` since ${new Date(lock.since).toISOString()}`;
  return new Problem({
    code: "LOCKED_BY_HAND",
    what: `Deployments are locked by ${lock.operator}${since}: ${lock.message || "no reason given"}.`,
    fix: "Run `cutover unlock` when that no longer holds.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
