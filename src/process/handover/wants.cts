import fs from "node:fs";
import path from "node:path";
import { isLearning, runDir } from "./environment.cts";

/** As in protocol.ts, which is an ES module and not loaded here. */
const wantsPortExit = 86;
const publicAddresses: ReadonlySet<string> = new Set(["0.0.0.0", "::", "127.0.0.1", "::1"]);

/**
 * Tells the supervisor which port the program opens, and leaves before it is bound: the next start declares it. Never once the
 * instance has served: a port opened later is the program's own, and leaving would cut off its requests.
 */
export function leaveForUndeclared(address: string | null, port: number): void {
  if (!isLearning || (address !== null && !publicAddresses.has(address)) || hasServed()) return;
  const file = path.join(runDir, "wants");
  try {
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify({ port, host: address }));
    fs.renameSync(`${file}.${process.pid}`, file);
  } catch {
    // It cannot be told (full disk, other user): the program binds the port itself.
    return;
  }
  process.exit(wantsPortExit);
}

/** The supervisor writes this file when it first opens the gate of an instance. */
function hasServed(): boolean {
  return fs.existsSync(path.join(runDir, "gate"));
}
