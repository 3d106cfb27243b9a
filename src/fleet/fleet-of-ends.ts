import type { Effect, Outcome } from "../plan/effect.ts";
import type { Emit } from "../plan/event.ts";
import type { HostView, Wish } from "../plan/fleet.ts";
import type { Fleet } from "../plan/fleet-port.ts";
import type { Goal } from "../plan/record.ts";
import type { BalancerView } from "../plan/traffic.ts";
import { isProblem } from "../problem.ts";
import { raiseEverywhere } from "./barrier.ts";
import type { BalancerEnd, HostEnd } from "./end.ts";
import { isLost } from "./lost.ts";

export interface Ends {
  readonly hosts: readonly HostEnd[];
  readonly balancers: readonly BalancerEnd[];
}

export interface FleetOptions {
  /** The deployment under way; asked for only by effects. */
  readonly goal: () => Goal;
  readonly emit: Emit;
  readonly now: () => number;
}

/** Many ends as one fleet. A connection that is lost makes its host unreachable, and the fate of an effect there unknown. */
export function fleetOf(ends: Ends, { goal, emit, now }: FleetOptions): Fleet {
  const hosts = new Map(ends.hosts.map((end) => [end.name, end]));
  const balancers = new Map(ends.balancers.map((end) => [end.name, end]));
  const seenAt = new Map<object, number>();
  const look = async <View>(end: { observe(): Promise<View> }, lost: (absence: Absence) => View) => {
    try {
      const view = await end.observe();
      seenAt.set(end, now());
      return view;
    } catch (error) {
      // Where this is the only host there is nothing else to look at, and the reason is what counts.
      if (!isProblem(error) || (hosts.size === 1 && !isLost(error))) throw error;
      return lost({ why: error.message, seenAt: seenAt.get(end) });
    }
  };
  return {
    raiseEpoch: (operator) => raiseEverywhere(ends, operator),
    async observe() {
      const [hostViews, balancerViews] = await Promise.all([
        Promise.all(ends.hosts.map((end) => look(end, (absence) => absentHost(end.name, absence)))),
        Promise.all(ends.balancers.map((end) => look(end, (absence) => absentBalancer(end.name, absence)))),
      ]);
      return { hosts: hostViews, balancers: balancerViews, at: now() };
    },
    async apply(effect, epoch, signal) {
      const end = effect.layer === "traffic" ? balancers.get(effect.host) : hosts.get(effect.host);
      if (end === undefined) return noSuchEnd(effect);
      try {
        const outcome = await end.apply({ effect, epoch, goal: goal() }, { emit, signal });
        return hosts.size + balancers.size > 1 ? withPlace(outcome, end.name) : outcome;
      } catch (error) {
        if (isLost(error)) return { outcome: "unknown", why: error.message };
        throw error;
      }
    },
    async clearWish(wish: Wish) {
      await Promise.all(ends.hosts.map((end) => end.clearWish(wish).catch(ignoreLost)));
    },
  };
}

function withPlace(outcome: Outcome, where: string): Outcome {
  return outcome.outcome === "refused" ? { ...outcome, problem: { where, ...outcome.problem } } : outcome;
}

interface Absence {
  readonly why: string;
  readonly seenAt: number | undefined;
}

function absentHost(host: string, absence: Absence): HostView {
  return { host, reachable: false, ...absence, epoch: 0, current: null, releases: [], services: [] };
}

function absentBalancer(host: string, absence: Absence): BalancerView {
  return { host, reachable: false, ...absence, epoch: 0, routing: { weights: {} }, servers: [] };
}

/** The config was changed since the deployment began. */
function noSuchEnd({ host }: Effect): Outcome {
  return { outcome: "unknown", why: `${host} is not in cutover.yml.` };
}

/** The wish is still seen there, and taken away with the next one. */
function ignoreLost(error: unknown): void {
  if (!isLost(error)) throw error;
}
