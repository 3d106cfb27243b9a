import { allPids, pageBytes, readSmall, readStat, type ProcessStat } from "./proc.ts";

export interface Sample {
  /** Private memory of all processes of the tree, plus the largest share that they have in common (program text). */
  readonly memoryBytes: number;
  /** Grows monotonically, but for processes that died without being waited for; ticksPerSecond of them are one core's second. */
  readonly cpuTicks: number;
  readonly pids: readonly number[];
}

/**
 * Memory and processor time of whole process trees: everything that descends from a root, or is in the session or
 * process group it leads, even when the root itself is gone. One pass over /proc for all roots.
 */
export function sampleProcesses(roots: readonly number[]): Map<number, Sample> {
  const stats = new Map<number, ProcessStat>();
  for (const pid of roots.length === 0 ? [] : allPids()) {
    const stat = readStat(pid);
    if (stat !== null) stats.set(pid, stat);
  }
  const members = new Map<number, ProcessStat[]>(roots.map((root) => [root, []]));
  for (const stat of stats.values()) {
    const root = rootOf(stat, stats, members);
    if (root !== null) members.get(root)?.push(stat);
  }
  return new Map([...members].map(([root, found]) => [root, total(found)]));
}

function rootOf(
  stat: ProcessStat,
  stats: ReadonlyMap<number, ProcessStat>,
  roots: ReadonlyMap<number, unknown>,
): number | null {
  let next: ProcessStat | undefined = stat;
  for (let depth = 0; next !== undefined && depth < 1000; depth += 1) {
    if (roots.has(next.pid)) return next.pid;
    next = stats.get(next.parent);
  }
  if (roots.has(stat.session)) return stat.session;
  return roots.has(stat.group) ? stat.group : null;
}

function total(members: readonly ProcessStat[]): Sample {
  let privatePages = 0;
  let sharedPages = 0;
  let cpuTicks = 0;
  for (const member of members) {
    const shared = Number(readSmall(`/proc/${String(member.pid)}/statm`)?.split(" ")[2] ?? 0);
    privatePages += Math.max(0, member.residentPages - shared);
    sharedPages = Math.max(sharedPages, shared);
    cpuTicks += member.cpuTicks;
  }
  return {
    memoryBytes: (privatePages + sharedPages) * pageBytes,
    cpuTicks,
    pids: members.map((member) => member.pid),
  };
}
