import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import type { Lane, Load } from "../../src/proof/load.ts";
import { startProber, type ProberProcess } from "../../src/proof/start.ts";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listening server has an address");
  server.close();
  await once(server, "close");
  return address.port;
}

/** Waits for a condition, at most `ms`. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(2000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** A program started by nobody's supervisor, answering before this resolves. */
export async function startBare(
  argv: readonly [string, ...string[]],
  options: {
    readonly port: number;
    readonly cwd: string;
    readonly env?: Record<string, string>;
    readonly log?: string;
  },
): Promise<ChildProcess> {
  const [command, ...args] = argv;
  const output = options.log === undefined ? "ignore" : openSync(options.log, "a");
  const env = { ...process.env, PORT: String(options.port), ...options.env };
  const child = spawn(command, args, { cwd: options.cwd, stdio: ["ignore", output, output], env });
  await until(`${argv.join(" ")} answers`, () => answers(`http://127.0.0.1:${options.port}/health`));
  return child;
}

export async function stopBare(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

/** Keep-alive and fresh connections in equal parts, open loop. */
export function mixedLanes(ratePerSecond: number, path?: string): Lane[] {
  const loop = { kind: "open", ratePerSecond: ratePerSecond / 2 } as const;
  return [
    { kind: "requests", name: "keep-alive", connection: "keep-alive", connections: 40, loop, path },
    { kind: "requests", name: "fresh", connection: "fresh", loop, path },
  ];
}

export const proberMain = fileURLToPath(new URL("../../dist/proof/main.js", import.meta.url));

/** The compiled prober as a process of its own, against a port of this machine. */
export function load(port: number, lanes: readonly Lane[], more: Partial<Load> = {}): Promise<ProberProcess> {
  const plan: Load = {
    url: `http://127.0.0.1:${port}/`,
    lanes,
    timeoutMs: 15_000,
    version: { field: "version" },
    ...more,
  };
  return startProber(plan, { main: proberMain });
}
