import * as fc from "fast-check";
import { createBench } from "./bench.ts";
import { fleets } from "./fleets.ts";
import { scenarios, withFaults } from "./scenarios.ts";
import type { Effect, Outcome } from "../../src/plan/effect.ts";
import type { Fleet } from "../../src/plan/fleet-port.ts";
import { killInstance, settle } from "../../src/plan/simulate/process.ts";
import { changeHost, type Faults, type World } from "../../src/plan/simulate/world.ts";
import type { SimulatedFleet } from "./simulated-fleet.ts";

/** What happens to one effect on its way: fine, its reply is lost, it never arrives, it arrives later, or twice. */
type Mishap = "fine" | "lost" | "never" | "late" | "doubled" | "death";

const unknown: Outcome = { outcome: "unknown", why: "The reply was lost." };

/** A network between operator and hosts that treats the n-th effect as `mishaps[n]` says; after the last all is fine. */
function createUnreliableFleet(
  fleet: SimulatedFleet,
  mishaps: readonly Mishap[],
  note: (mishap: Mishap) => void,
): Fleet {
  const late: (() => Promise<Outcome>)[] = [];
  let sent = 0;
  const deliver = async (effect: Effect, epoch: number): Promise<Outcome> => {
    const mishap = mishaps[sent] ?? "fine";
    sent += 1;
    note(mishap);
    switch (mishap) {
      case "fine":
        return fleet.apply(effect, epoch);
      case "lost":
        await fleet.apply(effect, epoch);
        return unknown;
      case "never":
        return unknown;
      case "late":
        late.push(() => fleet.apply(effect, epoch));
        return unknown;
      case "doubled":
        await fleet.apply(effect, epoch);
        return fleet.apply(effect, epoch);
      case "death":
        fleet.world = killOne(fleet.world, sent);
        return fleet.apply(effect, epoch);
    }
  };
  return {
    raiseEpoch: (operator) => fleet.raiseEpoch(operator),
    observe() {
      fleet.world = restart(fleet);
      return fleet.observe();
    },
    async apply(effect, epoch) {
      if (sent % 3 === 0) await late.shift()?.();
      return deliver(effect, epoch);
    },
  };
}

function killOne(world: World, seed: number): World {
  const host = world.hosts[seed % world.hosts.length];
  const service = host?.services[seed % Math.max(1, host.services.length)];
  const instance = service?.instances[seed % Math.max(1, service.instances.length)];
  if (host === undefined || service === undefined || instance === undefined) return world;
  return changeHost(world, host.host, (one) => ({
    ...one,
    services: one.services.map((old) => (old === service ? killInstance(old, instance.id) : old)),
  }));
}

/** The supervisor brings back what it keeps alive. */
function restart({ world, rules }: SimulatedFleet): World {
  const hosts = world.hosts.map((host) => ({
    ...host,
    services: host.services.map((service) => {
      const isDown = service.instances.some((one) => one.restarts > 0 && one.release === service.live);
      return isDown && service.live !== null ? settle(rules, service, service.live) : service;
    }),
  }));
  return { ...world, hosts };
}

const someMishaps = fc.array(
  fc.constantFrom<Mishap>("fine", "fine", "fine", "lost", "never", "late", "doubled", "death"),
  { maxLength: 40 },
);
/** They begin anywhere, so that the last steps of a fleet are met as well as the first. */
const anyMishaps = fc
  .tuple(fc.nat({ max: 60 }), someMishaps)
  .map(([from, mishaps]) => [...Array.from({ length: from }, (): Mishap => "fine"), ...mishaps]);
const anyFaults = fc.constantFrom<Faults>(
  {},
  {},
  { boot: true },
  { hooks: ["after-switch"] },
  { build: true },
);
const anyScenario = fc.constantFrom(
  ...scenarios.filter(({ name }) => !name.startsWith("old release")),
  ...fleets,
);

/** How often each mishap met an effect, and how often a deployment of one host or of a fleet ended in which way. */
export type MishapCount = Readonly<Record<string, number>>;

/** Deploys `runs` times with random mishaps; throws when one does not end well, with the seed to repeat it. */
export async function deployWithMishaps(runs: number): Promise<MishapCount> {
  const count: Record<string, number> = {};
  const note = (what: string): void => {
    count[what] = (count[what] ?? 0) + 1;
  };
  await fc.assert(
    fc.asyncProperty(
      anyScenario,
      anyFaults,
      anyMishaps,
      fc.boolean(),
      async (scenario, faults, mishaps, aborts) => {
        const bench = createBench(withFaults(scenario, faults));
        const through = (fleet: SimulatedFleet): Fleet => createUnreliableFleet(fleet, mishaps, note);
        const ended = await bench.deploy({ through });
        note(`${scenario.goal.balancers.length > 0 ? "fleets" : "hosts"} ${ended.end}`);
        if (ended.end === "new" || ended.end === "old") return;
        if (ended.end !== "paused") throw new Error(`It ended ${ended.end}.`);
        const { end } = await bench.takeOver(aborts ? "abort" : "resume");
        if (end !== "old" && (aborts || end !== "new")) throw new Error(`After a pause it ended ${end}.`);
      },
    ),
    { numRuns: runs },
  );
  return count;
}
