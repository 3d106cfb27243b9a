import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Machine } from "./machine.ts";

/** Runs a batch of `ip` commands, in the namespace of `machine` or in the first one. */
export async function ip(lines: readonly string[], machine?: Machine): Promise<void> {
  const argv: readonly [string, ...string[]] = ["ip", "-batch", "-"];
  const [command, ...words] = machine?.inside(argv) ?? argv;
  const child = spawn(command, words, { stdio: ["pipe", "ignore", "pipe"] });
  let problem = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problem += text));
  child.stdin.end(`${lines.join("\n")}\n`);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`ip: ${problem}`);
}
