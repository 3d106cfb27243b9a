import { begin, type Result, type Steering, takeOver } from "../../src/execute/loop.ts";
import type { Crash } from "../../src/execute/crash.ts";
import type { CutoverEvent } from "../../src/plan/event.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import type { Clock } from "../../src/execute/clock.ts";
import type { Fleet, Judge } from "../../src/plan/fleet-port.ts";
import { checkEnd, checkGates, checkStep } from "../../src/plan/invariants.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import { createMemoryJournal, type Disk, Killed, type SeeAppend } from "./memory-journal.ts";
import type { Scenario } from "./scenario.ts";
import { createSimulatedFleet, highestEpoch, type SimulatedFleet } from "./simulated-fleet.ts";
import { createVirtualClock } from "./virtual-clock.ts";

/** The production loop and journal format over simulated hosts; every effect is held against the invariants. */
export interface Bench {
  readonly scenario: Scenario;
  readonly fleet: SimulatedFleet;
  readonly disk: Disk;
  readonly events: CutoverEvent[];
  readonly clock: Clock;
  deploy(options?: RunOptions): Promise<Ended>;
  takeOver(command: Steering, options?: RunOptions): Promise<Ended>;
  /** The same hosts and disk as they are now, for one more way on. */
  fork(): Bench;
}

export interface Ended {
  readonly end: Result["end"] | "killed";
  readonly problem?: Result["problem"];
  readonly ms?: number;
}

interface RunOptions {
  readonly crash?: Crash | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly again?: AbortSignal | undefined;
  /** Absent: it finds every release sound. */
  readonly judge?: Judge | undefined;
  /** Shown what the disk holds in and after every append. */
  readonly see?: SeeAppend | undefined;
  /** What stands between the operator and the hosts. */
  readonly through?: ((fleet: SimulatedFleet) => Fleet) | undefined;
}

export function createBench(
  scenario: Scenario,
  world: World = scenario.world,
  bytes: Buffer = Buffer.alloc(0),
): Bench {
  const clock = createVirtualClock(world.at);
  const fleet = createSimulatedFleet(scenario.rules, world, clock);
  const disk: Disk = { bytes, version: 0, records: [] };
  const events: CutoverEvent[] = [];
  const violations: string[] = [];
  const { goal } = scenario;
  fleet.watch = (before, effect, after) => {
    const facts = foldFacts(disk.records);
    const epoch = highestEpoch(after);
    const step = { goal, facts, before, effect, epoch, after, observedBy: epoch };
    const violation = checkStep(step) ?? checkGates(goal, after);
    if (violation !== null) violations.push(`${violation.invariant}: ${violation.what}`);
  };
  const run = async (options: RunOptions, start: (fleet: Fleet) => Promise<Result>): Promise<Ended> => {
    const ended = await start(options.through?.(fleet) ?? fleet).catch(endOfKilled);
    const { end, problem } = ended;
    const violation =
      end === "interrupted" || end === "killed" ? null : checkEnd(goal, fleet.world, end, problem);
    if (violation !== null) violations.push(`${violation.invariant}: ${violation.what}`);
    if (violations.length > 0) throw new Error(violations.join(" "));
    return ended;
  };
  const execution = (options: RunOptions, fleet: Fleet) => ({
    fleet,
    clock,
    operator: "test",
    emit: (event: CutoverEvent): void => {
      events.push(event);
    },
    judge: options.judge ?? contentJudge(clock),
    signal: options.signal,
    again: options.again,
  });
  return {
    scenario,
    fleet,
    disk,
    events,
    clock,
    deploy: (options = {}) =>
      run(options, (through) =>
        begin(execution(options, through), {
          makeGoal: (id) => ({ ...goal, id }),
          openJournal: () => Promise.resolve(createMemoryJournal(disk, options.crash, options.see)),
        }),
      ),
    takeOver: (command, options = {}) =>
      run(options, async (through) =>
        takeOver(execution(options, through), createMemoryJournal(disk, options.crash, options.see), command),
      ),
    fork: () => createBench(scenario, { ...fleet.world, at: clock.now() }, Buffer.from(disk.bytes)),
  };
}

/** Finds every release sound, when the time is over. */
function contentJudge(clock: Clock): Judge {
  return {
    async watch({ kind, least }) {
      if (clock.now() < least) await clock.sleep(least - clock.now());
      return kind === "bake" ? null : { verdict: "sound", why: "It is as good.", evidence: [] };
    },
  };
}

function endOfKilled(error: unknown): Ended {
  if (error instanceof Killed) return { end: "killed" };
  throw error;
}
