import { systemClock } from "../../execute/clock.ts";
import type { Execution } from "../../execute/run.ts";
import { fleetOf } from "../../fleet/fleet-of-ends.ts";
import type { Effect } from "../../plan/effect.ts";
import type { Observed } from "../../plan/fleet.ts";
import type { Fleet, Judge } from "../../plan/fleet-port.ts";
import type { Goal } from "../../plan/record.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

/** What is there now, all over the fleet. */
export async function lookAt(context: Context, io: Io): Promise<Observed> {
  return await openFleet(context, io, noGoal).observe();
}

/** Whoever looks on while a deployment is carried out. */
export interface Onlooker {
  /** This operator is in charge, under that epoch. */
  raised?(epoch: number): void;
  /** Awaited before each effect is applied; what it answers with is called when the effect was. */
  before(effect: Effect, under: Under): Promise<(() => void) | undefined>;
}

interface Under {
  /** Id of the deployment. */
  readonly id: string;
  readonly epoch: number;
  /** The fleet as it was seen when the effect was decided on. */
  readonly observed: Observed;
}

interface Hooks {
  /** Asked for by effects alone: it exists only behind the barrier. */
  readonly goal: () => Goal | undefined;
  readonly onlooker: Onlooker;
}

export function openExecution(context: Context, io: Io, { goal, onlooker }: Hooks): Execution {
  const fleet = openFleet(context, io, () => goal() ?? noGoal());
  let observed: Observed = { at: 0, hosts: [], balancers: [] };
  return {
    fleet: {
      ...fleet,
      async raiseEpoch(operator) {
        const epoch = await fleet.raiseEpoch(operator);
        onlooker.raised?.(epoch);
        return epoch;
      },
      async observe() {
        observed = await fleet.observe();
        return observed;
      },
      async apply(effect, epoch, signal) {
        const after = await onlooker.before(effect, { id: (goal() ?? noGoal()).id, epoch, observed });
        try {
          return await fleet.apply(effect, epoch, signal);
        } finally {
          after?.();
        }
      },
    },
    operator: context.operator,
    emit: (event) => io.emit(event),
    clock: systemClock,
    judge: judgeFor(context, io, () => goal() ?? noGoal()),
    signal: io.signal,
    again: io.again,
  };
}

/** Made when it is first asked: only behind the barrier there is a goal. */
function judgeFor(context: Context, io: Io, goal: () => Goal): Judge {
  let judge: Judge | undefined;
  return {
    async watch(watch, known, signal) {
      const { openJudge } = await import("../judge/judge.ts");
      judge ??= openJudge(context, io, goal());
      return (await judge?.watch(watch, known, signal)) ?? null;
    },
  };
}

function openFleet(context: Context, io: Io, goal: () => Goal): Fleet {
  return fleetOf(context, { goal, emit: (event) => io.emit(event), now: () => Date.now() });
}

function noGoal(): never {
  throw new Error("an effect was applied before the deployment had a goal");
}
