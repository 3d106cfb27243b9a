import { closeSync, openSync, readFileSync, readSync, readdirSync, readlinkSync } from "node:fs";

/** What /proc/<pid>/stat tells. Times in clock ticks (ticksPerSecond), memory in pages (pageBytes). */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Used by the process itself and by children it has waited for. */
  readonly cpuTicks: number;
  readonly startTime: number;
  readonly residentPages: number;
}

const auxiliary = readAuxiliary();
export const pageBytes: number = auxiliary.get(6n) ?? 4096;
export const ticksPerSecond: number = auxiliary.get(17n) ?? 100;

const buffer = Buffer.alloc(4096);

export function allPids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** null: no such process (any more). */
export function readStat(pid: number): ProcessStat | null {
  const text = readSmall(`/proc/${String(pid)}/stat`);
  // The second field is the program's name, which may hold spaces and brackets.
  const end = text?.lastIndexOf(")") ?? -1;
  if (text === null || end < 0) return null;
  const fields = text.slice(end + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    state: fields[0] ?? "?",
    parent: field(4),
    group: field(5),
    session: field(6),
    cpuTicks: field(14) + field(15) + field(16) + field(17),
    startTime: field(22),
    residentPages: field(24),
  };
}

/** Ticks since the machine's boot; with the pid it names a process for as long as the machine runs. */
export function startTime(pid: number): number | null {
  return readStat(pid)?.startTime ?? null;
}

/** Whether this very process still runs; a zombie does not. */
export function isAlive(pid: number, expectedStart: number): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.startTime === expectedStart && stat.state !== "Z" && stat.state !== "X";
}

/** Directory the process stands in; " (deleted)" is appended when it was removed. null: gone or not readable. */
export function realCwd(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return null;
  }
}

/** Children of a process and theirs, by parent, without the process itself. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const stat = readStat(pid);
    if (stat !== null) children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid]);
  }
  const found: number[] = [];
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const here = children.get(next) ?? [];
    found.push(...here);
    pending.push(...here);
  }
  return found;
}

/** Processes started with KEY=value in their environment, as far as this user may see it. */
export function findByEnvironment(key: string, value: string): number[] {
  const entry = `${key}=${value}`;
  return allPids().filter((pid) => environmentOf(pid).includes(entry));
}

/** KEY=value as the process was started with; empty when this user may not see it. */
export function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** Words of the command line; empty for a kernel thread, a zombie, or a process that is gone. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8")
      .split("\0")
      .slice(0, -1);
  } catch {
    return [];
  }
}

/** A /proc file of one line; one buffer for all, as a sample reads hundreds of them. */
export function readSmall(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    return buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** Numbers the kernel hands to every program: 6 is the page size, 17 the clock ticks per second. */
function readAuxiliary(): Map<bigint, number> {
  const vector = new Map<bigint, number>();
  try {
    const bytes = new Uint8Array(readFileSync("/proc/self/auxv"));
    const view = new BigUint64Array(bytes.buffer, 0, Math.floor(bytes.length / 8));
    for (let index = 0; index + 1 < view.length; index += 2) {
      vector.set(view[index] ?? 0n, Number(view[index + 1] ?? 0n));
    }
  } catch {
    // Not readable in a hardened container: the usual values serve.
  }
  return vector;
}
