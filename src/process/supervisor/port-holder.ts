import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { allPids, commandLine, readStat } from "./proc.ts";

export interface PortHolder {
  /** null: another user's process, which this user may not see. */
  readonly pid: number | null;
  readonly user: string;
  readonly command: string;
}

interface Listener {
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
}

/** Who listens on a TCP port of this network namespace; null when nobody does. */
export function portHolder(port: number): PortHolder | null {
  const listener = listeners().find((candidate) => candidate.port === port);
  if (listener === undefined) return null;
  const user = userName(listener.uid);
  const pid = oldestHolder(listener.inode);
  if (pid === null) return { pid, user, command: "another user's process" };
  return { pid, user, command: shorten(commandLine(pid).join(" ")) };
}

/** Ports on which one of these processes listens, in ascending order. */
export function listeningPorts(pids: readonly number[]): number[] {
  const sockets = new Set(pids.flatMap(socketInodes));
  const found = listeners().filter((listener) => sockets.has(listener.inode));
  return [...new Set(found.map((listener) => listener.port))].sort((a, b) => a - b);
}

function listeners(): Listener[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    const lines = readTable(table).split("\n").slice(1);
    return lines.flatMap((line) => {
      const [, local = "", , state, , , , uid, , inode = ""] = line.trim().split(/\s+/);
      const port = Number.parseInt(local.split(":")[1] ?? "", 16);
      return state === "0A" ? [{ port, uid: Number(uid), inode }] : [];
    });
  });
}

/** The one that opened it, rather than a worker that inherited it. */
function oldestHolder(inode: string): number | null {
  const holders = allPids()
    .filter((pid) => socketInodes(pid).includes(inode))
    .map((pid) => ({ pid, start: readStat(pid)?.startTime ?? Number.POSITIVE_INFINITY }));
  return holders.sort((a, b) => a.start - b.start)[0]?.pid ?? null;
}

function socketInodes(pid: number): string[] {
  const directory = `/proc/${String(pid)}/fd`;
  let names: string[] = [];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${name}`))?.[1];
      return inode === undefined ? [] : [inode];
    } catch {
      return [];
    }
  });
}

function userName(uid: number): string {
  const line = readTable("/etc/passwd")
    .split("\n")
    .find((entry) => entry.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? String(uid);
}

function readTable(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function shorten(command: string): string {
  return command.length > 200 ? `${command.slice(0, 199)}…` : command;
}
