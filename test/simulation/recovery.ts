import type { End } from "../../src/plan/record.ts";
import type { Violation } from "../../src/plan/invariants.ts";
import { settle } from "../../src/plan/simulate/process.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import type { Model } from "./model.ts";
import type { Scenario } from "./scenario.ts";
import { idle, type State } from "./state.ts";
import { operatorSteps, raise } from "./steps.ts";
import { isRestarting } from "./surroundings.ts";

type Broken = Violation & { readonly trace: readonly string[] };

const mostSteps = 1000;

/**
 * Everybody is dead; one fresh operator without further faults has to end it, either way. Where its path meets one that was
 * walked before, the end is known.
 */
export function createRecovery(model: Model): (state: State) => Broken | null {
  const known = new Map<string, End>();
  const recover = (from: State, command: "resume" | "abort"): Broken | null => {
    const { end, broken, trace, path } = walk(model, known, freshState(model, from, command));
    const whole = [`fresh operator: ${command}`, ...trace];
    if (broken !== null) return { ...broken, trace: whole };
    if (end !== undefined) for (const key of path) known.set(key, end);
    const isFine = end === "old" || (end === "new" && command === "resume");
    if (isFine || (end === "paused" && isHopeless(model.scenario))) return null;
    return { invariant: "I11", what: `${command} ended ${end}.`, trace: whole };
  };
  return (state) => {
    const { ended } = state.facts;
    if (ended !== null && ended.end !== "paused") return null;
    return recover(state, "resume") ?? recover(state, "abort");
  };
}

interface Walk {
  readonly end: End | undefined;
  readonly broken: Violation | null;
  readonly trace: readonly string[];
  /** Keys of the situations in which it decided. */
  readonly path: readonly string[];
}

function walk(model: Model, known: ReadonlyMap<string, End>, from: State): Walk {
  const trace: string[] = [];
  const path: string[] = [];
  let state = from;
  while (state.operators[0]?.phase !== "gone") {
    const endless: Violation = { invariant: "I7", what: "A fresh operator did not come to an end." };
    if (trace.length >= mostSteps) return { end: undefined, broken: endless, trace, path };
    state = { ...state, world: model.keys.world(reviveAll(model.scenario, state.world)) };
    if (state.operators[0]?.phase === "ready") {
      const key = `${model.keys.remains(state)}${attempts(state)}`;
      const end = known.get(key);
      if (end !== undefined) return { end, broken: null, trace, path };
      path.push(key);
    }
    const [next] = operatorSteps(model, state, 0);
    if (next === undefined) break;
    trace.push(next.label);
    if (next.violation) return { end: undefined, broken: next.violation, trace, path };
    state = next.state;
  }
  return { end: state.facts.ended?.end, broken: null, trace, path };
}

/** Tries are no part of what remains, but what is tried for ever has to be seen. */
function attempts({ facts }: State): string {
  return String(Math.max(0, ...facts.attempts.values()));
}

/** Whoever is alone has the highest epoch, whatever number that is: the same remains are the same, however often they were claimed. */
function freshState(model: Model, from: State, command: "resume" | "abort"): State {
  const { keys } = model;
  const reached = { epoch: 0, isCutOff: false } as const;
  const world: World = {
    ...from.world,
    hosts: from.world.hosts.map((host) => ({ ...host, ...reached })),
    balancers: from.world.balancers.map((balancer) => ({ ...balancer, ...reached })),
  };
  const left = { deaths: 0, losses: 0, cuts: 0, wishes: 0, reboots: 0 };
  const facts = keys.facts({ ...from.facts, epoch: Math.min(1, from.facts.epoch) });
  const alone: State = { world, facts, operators: [idle], late: [], left, observedBy: 0 };
  return raise(model, alone, 0, command);
}

/** Without further faults the supervisor brings back in time what has ended. */
function reviveAll({ rules }: Scenario, world: World): World {
  const isDown = world.hosts.some((host) => host.services.some(isRestarting));
  if (!isDown) return world;
  const hosts = world.hosts.map((host) => ({
    ...host,
    services: host.services.map((service) =>
      isRestarting(service) ? settle(rules, service, service.live ?? "") : service,
    ),
  }));
  return { ...world, hosts };
}

/** A fault that also the old release has: then pausing is all there is. */
function isHopeless({ rules, goal }: Scenario): boolean {
  return goal.previous !== null && Object.keys(rules.faults.get(goal.previous) ?? {}).length > 0;
}
