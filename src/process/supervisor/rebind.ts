import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem, type ProblemDetail } from "../../problem.ts";
import { firstDescriptor } from "./launch-script.ts";
import type { Lender } from "./lender.ts";
import { RunWatch } from "./run-watch.ts";
import type { ShimPlan, ShimRecord } from "./shim.ts";

/** What the short-lived child of the old shim answers. */
export type RebindReply = { readonly shim: ShimRecord } | { readonly problem: ProblemDetail };

const child = fileURLToPath(new URL("./rebind-main.js", import.meta.url));
const deadlineMs = 20_000;

/**
 * Ports cannot be taken from their holder, only inherited: it runs a short-lived child that binds the new ports and starts the
 * next shim with all of them. No port closes meanwhile. Throws the child's Problem (PORT_TAKEN).
 */
export async function rebind(
  lender: Lender,
  common: Omit<ShimPlan, "ports">,
  ports: readonly number[],
): Promise<ShimRecord> {
  const directory = join(common.directory, `rebind-${String(common.serial)}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const plan: ShimPlan = {
    ...common,
    ports: ports.map((port) => ({ port, fd: descriptorAt(lender.ports.indexOf(port)) })),
  };
  writeFileSync(join(directory, "plan.json"), JSON.stringify(plan), { mode: 0o600 });
  const watch = new RunWatch(directory);
  try {
    await lender.run(directory, [process.execPath, child, directory]);
    return await replyOf(watch, join(directory, "reply.json"));
  } finally {
    watch.close();
    // The shim may still note how the child ended.
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}

function descriptorAt(index: number): number | null {
  return index < 0 ? null : firstDescriptor + index;
}

async function replyOf(watch: RunWatch, file: string): Promise<ShimRecord> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const reply = read(file);
    if (reply !== null && "shim" in reply) return reply.shim;
    if (reply !== null) throw new Problem(reply.problem);
    await watch.next(100);
  }
  throw new Error(`the ports could not be handed over within ${String(deadlineMs)} ms`);
}

function read(file: string): RebindReply | null {
  try {
    const reply: RebindReply = JSON.parse(readFileSync(file, "utf8"));
    return reply;
  } catch {
    return null;
  }
}
