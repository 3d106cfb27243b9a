import type { Decision } from "../../src/plan/decision.ts";
import type { Effect, Outcome } from "../../src/plan/effect.ts";
import type { Facts } from "../../src/plan/facts.ts";
import type { Violation } from "../../src/plan/invariants.ts";
import type { World } from "../../src/plan/simulate/world.ts";

/**
 * An operator is always between two steps that can be cut apart: it has raised the epoch, written its claim, journaled the
 * wish of somebody else, decided on what it saw, written its intents, had some effects applied. One that is killed is one
 * that takes no further step.
 */
export interface Operator {
  readonly phase: "idle" | "looked" | "raised" | "ready" | "answering" | "decided" | "intended" | "gone";
  readonly epoch: number;
  readonly command: "resume" | "abort" | null;
  /** The journal as this operator knows it: the very object of the state while nobody else has written. */
  readonly facts: Facts | null;
  readonly decision: Decision | null;
  /** Of the effects of the decision, in their order: null is one that was not sent yet. */
  readonly outcomes: readonly (Sent | null)[];
  /** What it saw before its barrier; only a mutant looks at it. */
  readonly seen: World | null;
}

/** How an effect went; journaled or not yet. */
export interface Sent {
  readonly outcome: Outcome;
  readonly isWritten: boolean;
}

export interface State {
  readonly world: World;
  readonly facts: Facts;
  readonly operators: readonly Operator[];
  /** Effects whose reply was lost and that may still reach their host. */
  readonly late: readonly { readonly effect: Effect; readonly epoch: number }[];
  readonly left: Left;
  /** The highest epoch whose operator has looked at the fleet. */
  readonly observedBy: number;
}

/** How often the surroundings may still interfere. */
export interface Left {
  /** An instance dies. */
  readonly deaths: number;
  /** A reply is lost, or its effect comes late. */
  readonly losses: number;
  /** A host or balancer is cut off, until it comes back. */
  readonly cuts: number;
  /** Somebody leaves a wish for the operator in charge. */
  readonly wishes: number;
  /** A host restarts, with all that runs there. */
  readonly reboots: number;
}

export const idle: Operator = {
  phase: "idle",
  epoch: 0,
  command: null,
  facts: null,
  decision: null,
  outcomes: [],
  seen: null,
};
export const gone: Operator = { ...idle, phase: "gone" };

export interface Successor {
  readonly label: string;
  readonly state: State;
  readonly violation?: Violation | null;
}
