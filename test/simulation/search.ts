import { foldFacts } from "../../src/plan/facts.ts";
import type { Violation } from "../../src/plan/invariants.ts";
import { createKeys } from "./keys.ts";
import { createModel, type Order, type Variant } from "./model.ts";
import { createRecovery } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { idle, type Left, type State } from "./state.ts";
import { successors } from "./steps.ts";

export interface Limits extends Partial<Left> {
  readonly operators: number;
  /** Absent: any. */
  readonly order?: Order;
  readonly maxStates?: number;
}

export interface Found {
  readonly states: number;
  readonly recoveries: number;
  readonly ends: ReadonlySet<string>;
  readonly violation: (Violation & { readonly trace: readonly string[] }) | null;
}

/** Breadth first over every interleaving; each state is also what a crash of everybody would leave behind. */
export function search(scenario: Scenario, variant: Variant, limits: Limits): Found {
  const keys = createKeys();
  const model = createModel(scenario, variant, keys, limits.order);
  const checkRecovery = createRecovery(model);
  const labels: string[] = ["start"];
  const parents: number[] = [-1];
  const seen = new Set<string>();
  const recovered = new Set<string>();
  const ends = new Set<string>();
  const queue: (State | undefined)[] = [startState(scenario, limits)];
  seen.add(keys.state(startState(scenario, limits)));
  const trace = (index: number): readonly string[] => {
    const path: string[] = [];
    for (let at = index; at > 0; at = parents[at]!) path.unshift(labels[at]!);
    return path;
  };
  const result = (violation: Found["violation"]): Found => ({
    states: seen.size,
    recoveries: recovered.size,
    ends,
    violation,
  });
  for (let index = 0; index < queue.length; index += 1) {
    const state = queue[index]!;
    queue[index] = undefined;
    if (state.facts.ended !== null) ends.add(state.facts.ended.end);
    const remains = keys.remains(state);
    if (state.facts.epoch > 0 && !recovered.has(remains)) {
      recovered.add(remains);
      const broken = checkRecovery(state);
      if (broken !== null) return result({ ...broken, trace: [...trace(index), ...broken.trace] });
    }
    for (const { label, state: next, violation = null } of successors(model, state)) {
      if (violation !== null) return result({ ...violation, trace: [...trace(index), label] });
      const key = keys.state(next);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
      labels.push(label);
      parents.push(index);
      if (seen.size >= (limits.maxStates ?? Infinity)) throw new Error(`More than ${seen.size} states.`);
    }
  }
  return result(null);
}

function startState({ world }: Scenario, limits: Limits): State {
  const { operators, deaths = 0, losses = 0, cuts = 0, wishes = 0, reboots = 0 } = limits;
  return {
    world,
    facts: foldFacts([]),
    operators: Array.from({ length: operators }, () => idle),
    late: [],
    left: { deaths, losses, cuts, wishes, reboots },
    observedBy: 0,
  };
}
