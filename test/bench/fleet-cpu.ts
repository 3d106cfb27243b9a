import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bed } from "../e2e/fleet/bed/bed.ts";
import type { Machine } from "../e2e/fleet/bed/machine.ts";
import type { Ran } from "../e2e/host.ts";

/** A run on the operator's machine with the processor time it took there and on all hosts, in seconds. */
export interface Counted extends Ran {
  readonly operatorCpu: number;
  readonly hostsCpu: number;
}

interface Where {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const ticksPerSecond = 100;
const counter = join(import.meta.dirname, "counted.pl");
/** What sshd and an agent still do when the operator has left. */
const leaveMs = 150;

export async function runCounted(bed: Bed, argv: readonly string[], where: Where): Promise<Counted> {
  const before = cpuOf(bed.hosts);
  const ran = await bed.operator.run(["perl", counter, ...argv], where);
  await sleep(leaveMs);
  const [, seconds, cpu] = /^counted ([\d.]+) ([\d.]+)$/m.exec(ran.stderr) ?? [];
  return {
    ...ran,
    ms: Number(seconds) * 1000,
    operatorCpu: Number(cpu),
    hostsCpu: cpuOf(bed.hosts) - before,
  };
}

/** Of all that runs in their namespaces, and of what has ended there and was waited for. */
function cpuOf(machines: readonly Machine[]): number {
  const spaces = new Set(machines.map(({ pid }) => spaceOf(pid)));
  let ticks = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || !spaces.has(spaceOf(Number(name)))) continue;
    const [, rest = ""] = statOf(name).split(/\) (?=[^)]*$)/);
    const times = rest.split(" ").slice(11, 15).map(Number);
    ticks += times.reduce((sum, time) => sum + time, 0);
  }
  return ticks / ticksPerSecond;
}

function spaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
