import fs from "node:fs";
import path from "node:path";
import { isLearning, runDir } from "./environment.cts";

/** As in protocol.ts, which is an ES module and not loaded here. */
const wantsPortExit = 86;
const publicAddresses: ReadonlySet<string> = new Set(["0.0.0.0", "::", "127.0.0.1", "::1"]);

/** Tells the supervisor which port the program opens, and leaves before it is bound: the next start declares it. */
export function leaveForUndeclared(address: string | null, port: number): void {
  if (!isLearning || (address !== null && !publicAddresses.has(address))) return;
  const file = path.join(runDir, "wants");
  fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify({ port, host: address }));
  fs.renameSync(`${file}.${process.pid}`, file);
  process.exit(wantsPortExit);
}
