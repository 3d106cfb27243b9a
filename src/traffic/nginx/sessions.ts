import { readFile } from "node:fs/promises";
import { isIP } from "node:net";

const established = "01";

/** Address:port -> connections of this machine to it. nginx keeps an idle one for half a second only. */
export async function countConnections(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const table of ["tcp", "tcp6"]) {
    const text = await readFile(`/proc/net/${table}`, "utf8").catch(() => "");
    for (const row of text.split("\n").slice(1)) {
      const [, , remote, state] = row.trim().split(/\s+/);
      if (remote === undefined || state !== established) continue;
      const address = readAddress(remote);
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
  }
  return counts;
}

/** "0B00007F:0BB8" is 127.0.0.11:3000: words of 32 bits in the machine's order, the port as it is written. */
function readAddress(text: string): string {
  const [host = "", port = ""] = text.split(":");
  const bytes = (host.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const number = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${dotted(bytes)}:${number}`;
  const isMapped =
    bytes.slice(0, 10).every((byte) => byte === "00") && bytes[10] === "FF" && bytes[11] === "FF";
  if (isMapped) return `${dotted(bytes.slice(12))}:${number}`;
  return `[${canonical((bytes.join("").match(/.{4}/g) ?? []).join(":"))}]:${number}`;
}

function dotted(bytes: readonly string[]): string {
  return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
}

function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** All that a server's line may appear as in the kernel's table and in the log; empty: it has no address of a network. */
export function addressesOf(line: string, known: readonly string[]): readonly string[] {
  if (line.startsWith("unix:")) return [];
  const [, host = "", port = "80"] = /^(.*?)(?::(\d+))?$/.exec(line) ?? [];
  const words = [host.replaceAll(/[[\]]/g, ""), ...known].filter((word) => isIP(word) !== 0);
  return [
    ...new Set(words.map((word) => (isIP(word) === 4 ? `${word}:${port}` : `[${canonical(word)}]:${port}`))),
  ];
}
