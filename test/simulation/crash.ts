import { type Facts, foldFacts } from "../../src/plan/facts.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import { isProblem } from "../../src/problem.ts";
import { type Bench, createBench, type Ended } from "./bench.ts";
import { createCrashingFleet, type Pace } from "./crashing-fleet.ts";
import { createKeys, type Keys } from "./keys.ts";
import type { Scenario } from "./scenario.ts";

const commands = ["resume", "abort"] as const;
const newline = 10;
const paces: readonly Pace[] = ["together", "in turn", "last first"];

type Command = (typeof commands)[number] | "deploy";

export interface CrashCount {
  /** Moments at which an operator was killed. */
  crashes: number;
  /** What they left behind, equal ones counted once. */
  remains: number;
  /** Of those by a fresh operator, with resume and with abort, each to an end. */
  recoveries: number;
}

/** What is on the hosts and on the disk, and nobody is at work. */
interface Remains {
  readonly world: World;
  readonly bytes: Buffer;
  readonly records: readonly JournalRecord[];
}

/**
 * Kills the operator before, in and after each journal record and each effect, with every part of the effects of a decision
 * done, and lets a fresh one resume and, from the same remains, abort. `depth` 2 kills that one in the same way and takes a
 * third. What is left by several crashes alike is recovered once: what comes of it is a function of it.
 */
export async function crashEverywhere(scenario: Scenario, depth: number): Promise<CrashCount> {
  const keys = createKeys();
  const known = new Set<string>();
  const count: CrashCount = { crashes: 0, remains: 0, recoveries: 0 };
  let level: readonly Remains[] = [];
  const crash = async (from: Remains, command: Command): Promise<readonly Remains[]> => {
    const found: Remains[] = [];
    const see = (remains: Remains): void => {
      count.crashes += 1;
      const key = keyOf(keys, remains);
      if (known.has(key)) return;
      known.add(key);
      found.push(remains);
    };
    for (const pace of paces)
      await watch(createBench(scenario, from.world, from.bytes), { command, pace, see });
    return found;
  };
  level = await crash({ world: scenario.world, bytes: Buffer.alloc(0), records: [] }, "deploy");
  for (let left = depth - 1; ; left -= 1) {
    const next: Remains[] = [];
    for (const remains of level)
      for (const command of commands) {
        await expectEnd(scenario, remains, command);
        if (left > 0) next.push(...(await crash(remains, command)));
      }
    count.remains += level.length;
    count.recoveries += level.length * commands.length;
    if (left <= 0) return count;
    level = next;
  }
}

interface Watching {
  readonly command: Command;
  readonly pace: Pace;
  readonly see: (remains: Remains) => void;
}

/** Runs to its end and shows on the way all that a crash at this moment would leave. */
async function watch(bench: Bench, { command, pace, see }: Watching): Promise<void> {
  const { fleet, disk, clock } = bench;
  const show = (world: World, bytes: Buffer): void =>
    see({ world: { ...world, at: clock.now() }, bytes, records: disk.records });
  const options = {
    see: (bytes: Buffer): void => show(fleet.world, bytes),
    through: () => createCrashingFleet(fleet, pace, (world) => show(world, disk.bytes)),
  };
  await go(bench, command, options);
}

async function go(
  bench: Bench,
  command: Command,
  options: Parameters<Bench["deploy"]>[0],
): Promise<Ended | null> {
  if (command === "deploy") return bench.deploy(options);
  try {
    return await bench.takeOver(command, options);
  } catch (error) {
    const code = isProblem(error) ? error.detail.code : "";
    if (code === "JOURNAL_EMPTY" || code === "NOTHING_TO_RESUME") return null;
    throw error;
  }
}

/** null: nothing was begun, or it had ended before. */
async function expectEnd(scenario: Scenario, { world, bytes }: Remains, command: Command): Promise<void> {
  const ended = await go(createBench(scenario, world, bytes), command, {});
  if (ended === null || ended.end === "old" || (ended.end === "new" && command === "resume")) return;
  throw new Error(`${command} ended ${ended.end}: ${ended.problem?.what}`);
}

/** Torn lines are apart from whole ones, so that each is read once. */
function keyOf(keys: Keys, { world, bytes, records }: Remains): string {
  const isTorn = bytes.length > 0 && bytes.at(-1) !== newline;
  return `${keys.remains({ world, facts: factsOf(records) })}${isTorn ? " torn" : ""}`;
}

const folded = new WeakMap<Remains["records"], Facts>();

function factsOf(records: Remains["records"]): Facts {
  const known = folded.get(records) ?? foldFacts(records);
  folded.set(records, known);
  return known;
}
