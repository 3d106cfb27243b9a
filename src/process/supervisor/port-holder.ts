import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { allPids, commandLine, readStat } from "./proc.ts";

export interface PortHolder {
  /** null: another user's process, which this user may not see. */
  readonly pid: number | null;
  readonly user: string;
  readonly command: string;
}

interface TcpSocket {
  /** As the kernel writes it: hexadecimal, 8 or 32 digits. */
  readonly address: string;
  readonly port: number;
  readonly isListening: boolean;
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

/** Whether any TCP socket has the port as its own, listening or not. */
export function isPortInUse(port: number): boolean {
  return tcpSockets().some((socket) => socket.port === port);
}

/** A loopback or own address at which the listener of a port is reached; null when nobody listens. */
export function addressOf(port: number): string | null {
  const found = listeners().filter((listener) => listener.port === port);
  const own = found.find((listener) => listener.address.length === 8) ?? found[0];
  return own === undefined ? null : reachable(own.address);
}

/** "0100007F" is 127.0.0.1: each group of 8 digits is a number of the machine, little-endian on all we run on. */
function reachable(address: string): string {
  if (/^0+$/.test(address)) return address.length === 8 ? "127.0.0.1" : "::1";
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((group) => (group.match(/../g) ?? []).reverse());
  if (address.length === 8) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  return (bytes.join("").match(/.{4}/g) ?? []).join(":").toLowerCase();
}

function listeners(): TcpSocket[] {
  return tcpSockets().filter((socket) => socket.isListening);
}

function tcpSockets(): TcpSocket[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    const lines = readTable(table).split("\n").slice(1);
    return lines.flatMap((line) => {
      const [, local, , state, , , , uid, , inode = ""] = line.trim().split(/\s+/);
      const [address = "", port = ""] = local?.split(":") ?? [];
      if (port === "") return [];
      const isListening = state === "0A";
      return [{ address, port: Number.parseInt(port, 16), isListening, uid: Number(uid), inode }];
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
