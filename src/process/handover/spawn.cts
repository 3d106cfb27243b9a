import { ChildProcess } from "node:child_process";
import { liveClaims } from "./claims.cts";
import { keepPreloadInLine, keepPreloadInPairs } from "./node-options.cts";
import { declaredPorts, spareDescriptors } from "./spares.cts";

/** Node closes inherited descriptors in its children; a launcher (npm, tsx, a cluster primary) has to hand them on. */

interface SpawnOptions {
  stdio?: unknown;
  envPairs?: string[];
  args?: string[];
}

const listenKey = "CUTOVER_LISTEN=";

export function installSpawn(): void {
  const prototype = ChildProcess.prototype as unknown as { spawn: (options: SpawnOptions) => unknown };
  const spawn = prototype.spawn;
  prototype.spawn = function (options) {
    handOn(options, (descriptor) => descriptor);
    return spawn.call(this, options);
  };
  installSpawnSync();
}

// The synchronous calls share nothing that can be replaced but the binding below them.
function installSpawnSync(): void {
  try {
    const { binding } = process as unknown as {
      binding(name: string): { spawn(options: SpawnOptions): unknown };
    };
    const native = binding.call(process, "spawn_sync");
    const spawn = native.spawn;
    native.spawn = function (options) {
      handOn(options, (fd) => ({ type: "fd", fd }));
      return spawn.call(this, options);
    };
  } catch {
    // Without the binding a server behind spawnSync finds its port taken, and says so.
  }
}

function handOn(options: SpawnOptions, entry: (fd: number) => unknown): void {
  const pairs = options?.envPairs;
  const at = pairs?.findIndex((pair) => pair.startsWith(listenKey)) ?? -1;
  if (pairs === undefined || at < 0) return;
  const slots = slotsOf(options.stdio);
  const given = slots.length;
  const listen = addDescriptors(slots, entry);
  options.envPairs = pairs.with(at, listenKey + JSON.stringify(listen));
  if (slots.length === given) return;
  options.stdio = slots;
  options.envPairs = keepPreloadInPairs(options.envPairs);
  const { args } = options;
  if (args?.[1] === "-c" && args[2] !== undefined) options.args = args.with(2, keepPreloadInLine(args[2]));
}

/** Only of ports that this process does not serve itself: an unrelated child must not keep them open. */
function addDescriptors(slots: unknown[], entry: (fd: number) => unknown): Record<string, number[]> {
  const claimed = new Set(liveClaims().map((claim) => claim.port));
  const listen: Record<string, number[]> = {};
  for (const port of declaredPorts()) {
    const descriptors = claimed.has(port) ? [] : spareDescriptors(port);
    listen[port] = descriptors.map((descriptor) => slots.push(entry(descriptor)) - 1);
  }
  return listen;
}

function slotsOf(stdio: unknown): unknown[] {
  const slots: unknown[] = Array.isArray(stdio) ? [...(stdio as unknown[])] : [stdio, stdio, stdio];
  while (slots.length < 3) slots.push("pipe");
  return slots;
}
