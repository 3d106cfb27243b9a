import type { Decision } from "../../src/plan/decision.ts";
import type { Effect, Outcome } from "../../src/plan/effect.ts";
import { effectKey } from "../../src/plan/effect-key.ts";
import { addRecord, type Facts } from "../../src/plan/facts.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import type { World } from "../../src/plan/simulate/world.ts";

/**
 * An operator is always between two steps that can be cut apart: it has raised the epoch, written its claim, decided on what
 * it saw, written its intents, had some effects applied. One that is killed is one that takes no further step.
 */
export interface Operator {
  readonly phase: "idle" | "looked" | "raised" | "ready" | "decided" | "intended" | "gone";
  readonly epoch: number;
  readonly command: "resume" | "abort" | null;
  /** The journal as this operator knows it: the very object of the state while nobody else has written. */
  readonly facts: Facts | null;
  readonly decision: Decision | null;
  readonly outcomes: readonly Outcome[];
  /** What it saw before its barrier; only a mutant looks at it. */
  readonly seen: World | null;
}

export interface State {
  readonly world: World;
  readonly facts: Facts;
  readonly operators: readonly Operator[];
  /** Effects whose reply was lost and that may still reach their host. */
  readonly late: readonly { readonly effect: Effect; readonly epoch: number }[];
  readonly deathsLeft: number;
  readonly lossesLeft: number;
  readonly observedBy: number;
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

export function withRecord(facts: Facts, record: JournalRecord): Facts {
  const next = {
    ...facts,
    done: new Set(facts.done),
    switched: new Set(facts.switched),
    touched: new Set(facts.touched),
    attempts: new Map(facts.attempts),
  };
  addRecord(next, record);
  return next;
}

/** Makes short keys of states that behave alike, however they were reached. */
export interface Keys {
  state(state: State): string;
  /** What a fresh operator would find, whatever became of the others. */
  remains(state: State): string;
}

export function createKeys(): Keys {
  const numbers = new Map<string, number>();
  const worlds = new WeakMap<World, number>();
  const facts = new WeakMap<Facts, number>();
  const decisions = new WeakMap<Decision, number>();
  const number = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const cached = <T extends object>(
    cache: WeakMap<T, number>,
    value: T,
    key: (value: T) => string,
  ): number => {
    const known = cache.get(value);
    if (known !== undefined) return known;
    const fresh = number(key(value));
    cache.set(value, fresh);
    return fresh;
  };
  const operatorKey = (operator: Operator, shared: Facts): string => {
    if (operator.phase === "gone" || operator.phase === "idle") return operator.phase;
    const own =
      operator.facts === null || operator.facts === shared ? "=" : cached(facts, operator.facts, factsKey);
    const decision = operator.decision === null ? "" : cached(decisions, operator.decision, decisionKey);
    const outcomes = operator.outcomes.map((outcome) => outcome.outcome.slice(0, 2)).join("");
    const seen = operator.seen === null ? "" : cached(worlds, operator.seen, worldKey);
    return `${operator.phase}${operator.epoch}${operator.command}${own}/${decision}/${outcomes}/${seen}`;
  };
  const clock = ({ world, facts }: State): string =>
    `${facts.switchedAt === null ? "" : world.at - facts.switchedAt}+${world.at - facts.lastAt}`;
  return {
    state(state) {
      const { world, facts: shared } = state;
      const operators = state.operators.map((operator) => number(operatorKey(operator, shared))).join(".");
      const late = state.late.map(({ effect, epoch }) => `${effectKey(effect)}@${epoch}`).join();
      return `${cached(worlds, world, worldKey)},${epochsKey(world)},${cached(facts, shared, factsKey)},${operators},${clock(state)},${late},${state.deathsLeft}${state.lossesLeft}${state.observedBy}`;
    },
    remains: (state) =>
      `${cached(worlds, state.world, worldKey)},${cached(facts, state.facts, factsKey)},${clock(state)}`,
  };
}

function epochsKey(world: World): string {
  return world.hosts.map((host) => host.epoch).join(":");
}

function worldKey(world: World): string {
  const hosts = world.hosts.map((host) => {
    const releases = host.releases.map((one) => `${one.id}${one.state}`).join();
    const services = host.services.map((service) => {
      const instances = service.instances.map(
        (one) => `${one.release}${one.state}${Math.min(1, one.restarts)}${one.checked ? "c" : ""}`,
      );
      return `${service.name}:${service.live}:${service.reloadedFor}:${instances.sort().join()}`;
    });
    return `${host.current}|${releases}|${services.join("|")}`;
  });
  return `${hosts.join("||")}|||${world.migrations.join()}`;
}

function factsKey(facts: Facts): string {
  const ended = facts.ended?.end ?? "";
  return `${facts.epoch}${facts.direction}${facts.abortAsked === null ? "" : "a"}${facts.refusal === null ? "" : "r"}${facts.switchedAt === null ? "" : "s"}${facts.promoted ? "p" : ""}${ended}|${[...facts.done].sort().join()}|${[...facts.switched].sort().join()}`;
}

function decisionKey(decision: Decision): string {
  switch (decision.kind) {
    case "effects":
      return decision.effects.map(effectKey).join();
    case "mark":
      return decision.mark;
    case "end":
      return decision.end;
    case "stage":
      return `stage ${decision.stage}`;
    case "hold":
      return String(decision.until);
    case "turn":
      return "turn";
  }
}
