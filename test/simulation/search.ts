import { foldFacts } from "../../src/plan/facts.ts";
import type { Violation } from "../../src/plan/invariants.ts";
import { createKeys, keyWidth } from "./keys.ts";
import { createModel, type Order, type Variant } from "./model.ts";
import { createRecovery } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { createSeen } from "./seen.ts";
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
  /** Of every state: the one it came from, and which of that one's successors it is. */
  const parents: number[] = [-1];
  const ordinals: number[] = [0];
  const seen = createSeen(keyWidth(limits.operators));
  const recovered = new Set<string>();
  const ends = new Set<string>();
  const start = startState(scenario, limits);
  const queue: (State | undefined)[] = [start];
  const row = new Int32Array(keyWidth(limits.operators));
  keys.state(start, row);
  seen.add(row);
  /** Walks there once more. */
  const trace = (index: number): readonly string[] => {
    const path: number[] = [];
    for (let at = index; at > 0; at = parents[at]!) path.unshift(ordinals[at]!);
    let state = start;
    return path.map((ordinal) => {
      const { label, state: next } = successors(model, state)[ordinal]!;
      state = next;
      return label;
    });
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
    const from = { state, row: seen.at(index).slice() };
    for (const [ordinal, { label, state: next, violation = null }] of successors(model, state).entries()) {
      if (violation !== null) return result({ ...violation, trace: [...trace(index), label] });
      keys.state(next, row, from);
      if (!seen.add(row)) continue;
      queue.push(next);
      parents.push(index);
      ordinals.push(ordinal);
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
