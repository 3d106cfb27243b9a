import { type Delay, openDelay } from "./delay.ts";
import { ip } from "./ip.ts";
import type { Machine } from "./machine.ts";

/** Cables of all machines to one bridge that lives in a namespace of its own. */
export interface Network {
  /** The cable is pulled: nothing arrives any more, nobody is told. */
  cut(machine: Machine): Promise<void>;
  mend(machine: Machine): Promise<void>;
  /** What the machine says and hears takes this much longer, there and back. */
  delay(machine: Machine, roundTripMs: number): Promise<void>;
  close(): void;
}

export async function openNetwork(bridge: Machine, machines: readonly Machine[]): Promise<Network> {
  const ports = new Map(machines.map((machine, i) => [machine, `port${i}`]));
  const delays = new Map<Machine, Delay>();
  const portOf = (machine: Machine): string => ports.get(machine) ?? "";
  await ip(["link add br0 type bridge", "link set br0 up", "link set lo up"], bridge);
  await ip(
    machines.map(
      (machine) =>
        `link add name eth0 netns ${machine.pid} type veth peer name ${portOf(machine)} netns ${bridge.pid}`,
    ),
  );
  await ip(
    machines.map((machine) => `link set ${portOf(machine)} master br0 up`),
    bridge,
  );
  return {
    cut: (machine) => ip([`link set ${portOf(machine)} down`], bridge),
    mend: (machine) => ip([`link set ${portOf(machine)} up`], bridge),
    async delay(machine, roundTripMs) {
      const delay = delays.get(machine) ?? (await openDelay(machine, bridge, portOf(machine)));
      delays.set(machine, delay);
      await delay.set(roundTripMs);
    },
    close() {
      for (const delay of delays.values()) delay.end();
    },
  };
}
