import { readFileSync } from "node:fs";
import { allPids, findByEnvironment, readStat } from "./proc.ts";

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** Start time in clock ticks, and the boot it counts from. */
  readonly birth: string;
}

let boot: string | undefined;

/** The running process of that number, null when there is none (a zombie is none). */
export function markOf(pid: number): ProcessMark | null {
  const stat = readStat(pid);
  if (stat === null || stat.state === "Z" || stat.state === "X") return null;
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return { pid, birth: `${String(stat.startTime)}@${boot}` };
}

export function isAlive(mark: ProcessMark | null): boolean {
  return mark !== null && markOf(mark.pid)?.birth === mark.birth;
}

/** Running processes of an instance: its leader's session and group, and whoever left them but carries the instance's id. */
export function membersOf(leader: ProcessMark | null, instanceId: string): readonly number[] {
  const now = leader === null ? null : markOf(leader.pid);
  // A leader's number is free for others only once its group is empty.
  const isReused = leader === null || (now !== null && now.birth !== leader.birth);
  const found = [
    ...(isReused ? [] : groupOf(leader.pid)),
    ...findByEnvironment("CUTOVER_INSTANCE_ID", instanceId),
  ];
  return [...new Set(found)].filter((pid) => markOf(pid) !== null);
}

function groupOf(leader: number): readonly number[] {
  return allPids().filter((pid) => {
    const stat = readStat(pid);
    return stat !== null && (stat.session === leader || stat.group === leader);
  });
}
