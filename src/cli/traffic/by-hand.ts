import type { HostEnd } from "../../fleet/end.ts";
import { fleetOf } from "../../fleet/fleet-of-ends.ts";
import { isLost } from "../../fleet/lost.ts";
import type { Outcome, TrafficEffect } from "../../plan/effect.ts";
import type { Observed } from "../../plan/fleet.ts";
import type { Goal } from "../../plan/record.ts";
import { type Exit, exits, Problem } from "../../problem.ts";
import type { CommandInput, Io } from "../command.ts";
import { type Context, openContext } from "../deployment/context.ts";
import { underLock } from "../deployment/lock.ts";
import { refuseUnfinished } from "../deployment/unfinished.ts";

/** The balancers, with nobody else in charge. */
export interface Hand {
  readonly context: Context;
  /** Of the last deployment. */
  readonly goal: Goal;
  readonly observed: Observed;
  observe(): Promise<Observed>;
  /** All at once, each shown as in a deployment. Throws what was refused. */
  apply(effects: readonly TrafficEffect[]): Promise<void>;
}

export interface ByHand<Choice> {
  /** Before anything is touched. */
  readonly choose: (context: Context) => Choice;
  readonly work: (hand: Hand, choice: Choice) => Promise<void>;
}

/**
 * Work at the balancers by hand: under the lock, behind the barrier, never within a deployment. A server that cannot be reached
 * may be the reason for it, so it is not waited for. Problems: TRAFFIC_NONE (exit 2), DEPLOY_UNFINISHED, NOTHING_LIVE (exit 3).
 */
export async function atBalancers<Choice>(
  input: CommandInput,
  io: Io,
  { choose, work }: ByHand<Choice>,
): Promise<Exit> {
  await using context = await openContext(input, io, "read");
  if (context.config.balancers.length === 0) throw noBalancer();
  const choice = choose(context);
  const hosts = await reachable(context.hosts, io);
  const doing = [input.name, ...input.positionals].join(" ");
  return await underLock({ ...context, hosts }, doing, async () => {
    const { goal } = await refuseUnfinished(context);
    if (goal === null) throw nothingLive(context.app);
    const ends = { hosts, balancers: context.balancers };
    const fleet = fleetOf(ends, { goal: () => goal, emit: (event) => io.emit(event), now: () => Date.now() });
    const epoch = await fleet.raiseEpoch(context.operator);
    const apply = async (effect: TrafficEffect): Promise<Outcome> => {
      const begun = Date.now();
      io.emit({ event: "effect", effect });
      const outcome = await fleet.apply(effect, epoch);
      io.emit({ event: "outcome", effect, outcome, ms: Date.now() - begun });
      return outcome;
    };
    await work(
      {
        context,
        goal,
        observed: await fleet.observe(),
        observe: () => fleet.observe(),
        async apply(effects) {
          for (const outcome of await Promise.all(effects.map(apply))) refuseFailed(outcome);
        },
      },
      choice,
    );
    return exits.done;
  });
}

async function reachable(hosts: readonly HostEnd[], io: Io): Promise<readonly HostEnd[]> {
  const asked = hosts.map(async (end) => {
    try {
      await end.epoch();
      return [end];
    } catch (error) {
      if (!isLost(error)) throw error;
      io.emit({ event: "warning", problem: error.detail });
      return [];
    }
  });
  return (await Promise.all(asked)).flat();
}

function refuseFailed(outcome: Outcome): void {
  switch (outcome.outcome) {
    case "done":
      return;
    case "refused":
      throw new Problem({ exit: exits.refused, ...outcome.problem });
    case "stale":
      throw new Problem({
        code: "LOCK_STALE",
        what: "Somebody newer is in charge of this app.",
        fix: "See who it is with cutover status.",
        exit: exits.interrupted,
      });
    case "unknown":
      throw new Problem({
        code: "TRAFFIC_UNKNOWN",
        what: `Nobody knows whether the balancer did it: ${outcome.why}`,
        fix: "Look with cutover status, and run the same command again; it is safe to repeat.",
        exit: exits.needsAttention,
      });
  }
}

function noBalancer(): Problem {
  return new Problem({
    code: "TRAFFIC_NONE",
    what: "This app has no balancer that cutover drives.",
    why: "traffic.engine is socket: every server answers on its own port.",
    fix: "Set traffic in cutover.yml (cutover docs traffic).",
    exit: exits.usage,
  });
}

function nothingLive(app: string): Problem {
  return new Problem({
    code: "NOTHING_LIVE",
    what: `${app} was never deployed, so no server has traffic of it.`,
    fix: "cutover deploy makes the first release.",
    exit: exits.refused,
  });
}
