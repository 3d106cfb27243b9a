import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { ip } from "./ip.ts";
import type { Machine } from "./machine.ts";

/** Round trips over one cable last longer from now on. */
export interface Delay {
  set(roundTripMs: number): Promise<void>;
  end(): void;
}

/** Whether this kernel delays packets itself (tc netem). */
let hasNetem: boolean | undefined;

function kernelHasNetem(): boolean {
  const attempt = "ip link set lo up && tc qdisc add dev lo root netem delay 1ms";
  hasNetem ??= spawnSync("unshare", ["--net", "sh", "-c", attempt]).status === 0;
  return hasNetem;
}

/** Half of the delay at each end of the cable: eth0 of the machine and `port` of the bridge. */
export async function openDelay(machine: Machine, bridge: Machine, port: string): Promise<Delay> {
  if (!kernelHasNetem()) return await openLine(machine, bridge, port);
  const ends = [
    { at: machine, device: "eth0" },
    { at: bridge, device: port },
  ];
  return {
    async set(roundTripMs) {
      for (const { at, device } of ends) {
        const words = [
          "tc",
          "qdisc",
          "replace",
          "dev",
          device,
          "root",
          "netem",
          "delay",
          `${roundTripMs / 2}ms`,
        ];
        const ran = await at.run(words);
        if (ran.exit !== 0) throw new Error(`tc: ${ran.stderr}`);
      }
    },
    end: () => undefined,
  };
}

/** Puts a delay line in the place of the cable. */
async function openLine(machine: Machine, bridge: Machine, port: string): Promise<Delay> {
  // Both are made in the first namespace and leave it at once.
  const names = [`co${machine.pid}a`, `co${machine.pid}b`] as const;
  const child = spawn("perl", [join(import.meta.dirname, "delay-line.pl"), ...names], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  const { stdout } = await machine.run(["ip", "-o", "link", "show", "eth0"]);
  const [, hardware = ""] = /link\/ether (\S+)/.exec(stdout) ?? [];
  await ip([`link set ${names[0]} netns ${machine.pid}`, `link set ${names[1]} netns ${bridge.pid}`]);
  await ip([`link delete ${port}`, `link set ${names[1]} name ${port} master br0 up`], bridge);
  await ip(
    [`link set ${names[0]} name eth0 address ${hardware} up`, `address add ${machine.address}/16 dev eth0`],
    machine,
  );
  return {
    async set(roundTripMs) {
      const done = once(lines, "line");
      child.stdin.write(`${roundTripMs / 2}\n`);
      await done;
    },
    end: () => void child.kill("SIGKILL"),
  };
}
