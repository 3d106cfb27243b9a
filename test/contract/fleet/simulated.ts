import { systemClock } from "../../../src/execute/clock.ts";
import { changeHost, type World } from "../../../src/plan/simulate/world.ts";
import { createMemoryJournal, type Disk } from "../../simulation/memory-journal.ts";
import { createSimulatedFleet } from "../../simulation/simulated-fleet.ts";
import { balancer, even, hosts, late, sound, specOf, stage } from "./releases.ts";
import type { FleetSubject, Site } from "./subject.ts";

/** The fleet that plans, searches and crash tests run on. */
export const simulated: FleetSubject = {
  name: "in a simulation",
  open: () => Promise.resolve(openSimulation()),
};

function openSimulation(): Site {
  const specs = new Map([sound, late].map((release) => [release, specOf(release, "/nowhere")]));
  const rules = { specs, faults: new Map([[late, { build: true }]]) };
  const fleet = createSimulatedFleet(rules, emptyWorld(), systemClock);
  const disk: Disk = { bytes: Buffer.alloc(0), version: 0, records: [] };
  const setWish = (change: (host: World["hosts"][number]) => World["hosts"][number]): Promise<void> => {
    for (const host of hosts) fleet.world = changeHost(fleet.world, host, change);
    return Promise.resolve();
  };
  return {
    operator: () =>
      Promise.resolve({
        fleet: {
          ...fleet,
          observe: () => fleet.observe(),
          clearWish: (wish) =>
            setWish(({ wish: present, ...host }) =>
              JSON.stringify(present) === JSON.stringify(wish) ? host : { ...host, wish: present },
            ),
        },
        journal: () => createMemoryJournal(disk),
        async loseReply(epoch) {
          fleet.world = changeHost(fleet.world, "web1", (host) => ({ ...host, isCutOff: true }));
          const outcome = await fleet.apply(stage(sound), epoch);
          fleet.world = changeHost(fleet.world, "web1", (host) => ({ ...host, isCutOff: false }));
          return outcome;
        },
        close: () => Promise.resolve(),
      }),
    leaveWish: (wish) => setWish((host) => ({ ...host, wish })),
    tear() {
      disk.bytes = Buffer.concat([disk.bytes, disk.bytes.subarray(0, 40)]);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

function emptyWorld(): World {
  const nothing = { epoch: 0, current: null, releases: [], services: [] };
  return {
    at: 1,
    migrations: [],
    balancers: [{ host: balancer, epoch: 0, routing: even, lingering: [], answered: {} }],
    hosts: hosts.map((host) => ({ host, ...nothing })),
  };
}
