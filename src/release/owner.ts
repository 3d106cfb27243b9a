import { readFile } from "node:fs/promises";

/** A process told apart from a later one that got the same pid. */
export interface Owner {
  readonly pid: number;
  readonly startTicks: string;
}

export async function currentOwner(): Promise<Owner> {
  return { pid: process.pid, startTicks: (await startTicks(process.pid)) ?? "" };
}

export async function isAlive(owner: Owner): Promise<boolean> {
  return (await startTicks(owner.pid)) === owner.startTicks;
}

/** Field 22 of /proc/<pid>/stat; the command name before it may hold spaces and parentheses. */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
