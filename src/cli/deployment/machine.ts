import { migrate } from "../../database/migrate.ts";
import { systemClock } from "../../execute/clock.ts";
import type { Execution } from "../../execute/run.ts";
import { type Host, localFleet } from "../../fleet/local.ts";
import type { Processes } from "../../fleet/process-effects.ts";
import type { Goal } from "../../plan/record.ts";
import { isProblem } from "../../problem.ts";
import { connectSupervisor } from "../../process/client.ts";
import { homePaths } from "../../process/home.ts";
import { runCommand } from "../../release/command.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

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
    processes: await untiring(io),
    migrate: (spec, run) => migrate(spec, run, runCommand),
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

/** A supervisor that was killed is started again for the next call; whether the lost one had its effect, observation tells. */
async function untiring(io: Io): Promise<Processes> {
  const connect = (): Promise<Processes> => connectSupervisor(homePaths(io.env), { start: true });
  const first = await connect();
  const again =
    <A extends readonly unknown[], R>(call: (supervisor: Processes, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await call(first, ...args);
      } catch (error) {
        if (isProblem(error) && error.detail.code === "SUPERVISOR_DOWN")
          return await call(await connect(), ...args);
        throw error;
      }
    };
  return {
    services: again((supervisor, options) => supervisor.services(options)),
    stage: again((supervisor, key, request) => supervisor.stage(key, request)),
    check: again((supervisor, key, release) => supervisor.check(key, release)),
    switch: again((supervisor, key, request) => supervisor.switch(key, request)),
    drain: again((supervisor, key, request) => supervisor.drain(key, request)),
    remove: again((supervisor, key) => supervisor.remove(key)),
  };
}
