import { open, stat } from "node:fs/promises";
import type { TrafficCounters } from "../../plan/traffic.ts";
import { readText, replaceFile } from "../file.ts";

/** A server by the addresses nginx writes into the log. */
export interface Counted {
  readonly service: string;
  readonly server: string;
  readonly addresses: readonly string[];
}

type Counts = Pick<TrafficCounters, "requests" | "failed" | "retries" | "redispatches">;

interface Reading {
  readonly inode: number;
  readonly offset: number;
  /** Address -> counts. */
  readonly counts: Readonly<Record<string, Counts>>;
}

/** Sums over the log since it was first read; a log that was rotated or emptied goes on being counted. */
export async function readCounters(
  log: string,
  memory: string,
  servers: readonly Counted[],
): Promise<TrafficCounters[]> {
  const { counts } = await readOn(log, memory);
  return servers.map(({ service, server, addresses }) => {
    const own = addresses.map((address) => counts[address] ?? none);
    const sum = (name: keyof Counts): number => own.reduce((total, one) => total + one[name], 0);
    return {
      service,
      server,
      requests: sum("requests"),
      failed: sum("failed"),
      retries: sum("retries"),
      redispatches: sum("redispatches"),
    };
  });
}

const none: Counts = { requests: 0, failed: 0, retries: 0, redispatches: 0 };

async function readOn(log: string, memory: string): Promise<Reading> {
  const before = parseReading((await readText(memory)) ?? "null");
  const counts: Record<string, Counts> = { ...before.counts };
  let { offset } = before;
  const now = await stat(log).catch(() => null);
  if (now === null) return before;
  if (now.ino !== before.inode) {
    const old = await stat(`${log}.1`).catch(() => null);
    if (old?.ino === before.inode) await addLines(`${log}.1`, offset, counts);
    offset = 0;
  }
  if (now.size < offset) offset = 0;
  offset = await addLines(log, offset, counts);
  const after = { inode: now.ino, offset, counts };
  if (offset !== before.offset || now.ino !== before.inode) await replaceFile(memory, JSON.stringify(after));
  return after;
}

function parseReading(text: string): Reading {
  try {
    const value: unknown = JSON.parse(text);
    if (isReading(value)) return value;
  } catch {
    // A memory that is lost means that counting begins again with the log.
  }
  return { inode: 0, offset: 0, counts: {} };
}

function isReading(value: unknown): value is Reading {
  return (
    typeof value === "object" && value !== null && "inode" in value && "offset" in value && "counts" in value
  );
}

const chunkBytes = 1024 * 1024;

/** Reads whole lines from `offset`; answers the offset behind the last one. */
async function addLines(path: string, offset: number, counts: Record<string, Counts>): Promise<number> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(chunkBytes);
    let at = offset;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, at);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      if (end === 0) return at;
      for (const line of buffer.toString("latin1", 0, end - 1).split("\n")) addLine(line, counts);
      at += end;
    }
  } finally {
    await file.close();
  }
}

/** One request: its tries in order, each with the address and the status. */
function addLine(line: string, counts: Record<string, Counts>): void {
  const [, addresses, statuses] = /^\S+ \S+ \S+ "([^"]*)" "([^"]*)"/.exec(line) ?? [];
  if (addresses === undefined || statuses === undefined) return;
  const tries = addresses.split(/, | : /);
  const ends = statuses.split(/, | : /);
  for (const [i, address] of tries.entries()) {
    const { requests, failed, retries, redispatches } = counts[address] ?? none;
    const next = tries[i + 1];
    const isLast = next === undefined;
    counts[address] = {
      requests: requests + 1,
      failed: failed + (isLast && Number(ends[i]) >= 500 ? 1 : 0),
      retries: retries + (next === address ? 1 : 0),
      redispatches: redispatches + (isLast || next === address ? 0 : 1),
    };
  }
}
