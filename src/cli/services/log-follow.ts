import { closeSync, fstatSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { linesOf, readRange } from "./log-lines.ts";

const defaultPollMs = 200;
const contextBytes = 256;
const blockBytes = 4096;

interface Position {
  readonly file: string;
  /** Every complete line before it has been told. */
  at: number;
  inode: number;
  /** The last bytes told: where they are found after the head of the file was cut off, reading goes on. */
  context: Buffer;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly more?: () => readonly string[];
  readonly pollMs?: number;
}

export interface Followed {
  readonly file: string;
  /** Bytes already shown. */
  readonly from: number;
}

/**
 * Tells every complete line appended to the files until the signal, through rotation: a file that became shorter lost its
 * head, a file with another inode is a new one. `more` may add files that appear later.
 */
export async function followLogs(
  files: readonly Followed[],
  tell: (file: string, line: string) => void,
  options: FollowOptions,
): Promise<void> {
  const positions = new Map(files.map((followed) => [followed.file, positionOf(followed)]));
  while (!options.signal.aborted) {
    for (const file of options.more?.() ?? []) {
      if (!positions.has(file)) positions.set(file, positionOf({ file, from: 0 }));
    }
    for (const position of positions.values()) {
      for (const line of advance(position)) tell(position.file, line);
    }
    await pause(options.pollMs ?? defaultPollMs, undefined, { signal: options.signal }).catch(
      () => undefined,
    );
  }
}

function positionOf({ file, from }: Followed): Position {
  const position: Position = { file, at: from, inode: 0, context: Buffer.alloc(0) };
  withFile(file, (descriptor, size, inode) => {
    position.inode = inode;
    position.at = Math.min(from, size);
    position.context = readRange(descriptor, Math.max(0, position.at - contextBytes), position.at);
  });
  return position;
}

/** Reads what is new and returns its complete lines. */
function advance(position: Position): readonly string[] {
  let lines: readonly string[] = [];
  withFile(position.file, (descriptor, size, inode) => {
    if (inode !== position.inode) Object.assign(position, { at: 0, inode, context: Buffer.alloc(0) });
    else if (size < position.at) position.at = relocated(descriptor, size, position);
    const bytes = readRange(descriptor, position.at, size);
    const complete = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    lines = linesOf(complete.toString("utf8"), position.at === 0);
    position.at += complete.length;
    position.context = Buffer.concat([position.context, complete]).subarray(-contextBytes);
  });
  return lines;
}

/** Whole blocks were cut off at the front: the place where the last bytes told are now, else the beginning. */
function relocated(descriptor: number, size: number, { at, context }: Position): number {
  const least = Math.ceil((at - size) / blockBytes) * blockBytes;
  for (let place = at - least; place > 0; place -= blockBytes) {
    const found = readRange(descriptor, Math.max(0, place - context.length), place);
    if (found.length > 0 && isSameTail(found, context)) return place;
  }
  return 0;
}

/** What was archived while we looked is filler now: spaces up to a line end. */
function isSameTail(found: Buffer, context: Buffer): boolean {
  let same = 0;
  while (same < found.length && found.at(-1 - same) === context.at(-1 - same)) same += 1;
  return same > 0 && /^ *\n?$/.test(found.subarray(0, found.length - same).toString("latin1"));
}

function withFile(file: string, work: (descriptor: number, size: number, inode: number) => void): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return;
  }
  try {
    const { size, ino } = fstatSync(descriptor);
    work(descriptor, size, ino);
  } finally {
    closeSync(descriptor);
  }
}
