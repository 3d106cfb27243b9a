import { spawn } from "node:child_process";
import { liveClaims } from "./claims.cts";
import { spareDescriptors } from "./spares.cts";

/** Runs a program of cutover's with the ports' sockets as its descriptors 3, 4, ...: the way back when whoever held them is dead. */
export function lend(ports: readonly number[], run: readonly string[]): void {
  const [program, ...words] = run;
  if (program === undefined) throw new Error("no program to lend to");
  const child = spawn(program, words, {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    detached: true,
    stdio: ["ignore", "ignore", "ignore", ...ports.map(descriptorOf)],
  });
  // Unheard, it would end the user's program.
  child.on("error", () => undefined);
  child.unref();
}

function descriptorOf(port: number): number {
  const claim = liveClaims().find((known) => known.port === port && known.handle !== undefined);
  const descriptor = claim?.handle?.fd ?? spareDescriptors(port)[0];
  if (descriptor === undefined) throw new Error(`no descriptor left for port ${port}`);
  return descriptor;
}
