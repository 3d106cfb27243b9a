import { systemClock } from "../../execute/clock.ts";
import type { Execution } from "../../execute/run.ts";
import { type Host, localFleet } from "../../fleet/local.ts";
import { untiring } from "../../fleet/untiring.ts";
import type { Goal } from "../../plan/record.ts";
import { homePaths } from "../../process/home.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { runMigration } from "./migration.ts";

export interface Machine {
  readonly host: Host;
  readonly execution: Execution;
  /** Effects ask for the goal, which exists only behind the barrier. */
  setGoal(goal: Goal): void;
}

/** This machine as a fleet of one, with its supervisor running. */
export async function openMachine(context: Context, io: Io): Promise<Machine> {
  let goal: Goal | undefined;
  const host: Host = {
    name: context.host,
    app: context.app,
    goal: () => {
      if (goal === undefined) throw new Error("an effect was applied before the deployment had a goal");
      return goal;
    },
    place: context.place,
    shelf: context.shelf,
    processes: untiring(homePaths(io.env)),
    migrate: runMigration,
    emit: (event) => io.emit(event),
  };
  const execution: Execution = {
    fleet: localFleet(host),
    operator: context.operator,
    emit: (event) => io.emit(event),
    clock: systemClock,
    signal: io.signal,
  };
  return { host, execution, setGoal: (next) => void (goal = next) };
}
