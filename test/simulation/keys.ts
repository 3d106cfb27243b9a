import type { Decision } from "../../src/plan/decision.ts";
import type { Effect } from "../../src/plan/effect.ts";
import { effectKey } from "../../src/plan/effect-key.ts";
import { addRecord, type Facts } from "../../src/plan/facts.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import type { SimulatedBalancer, SimulatedHost, World } from "../../src/plan/simulate/world.ts";
import type { Operator, Sent, State } from "./state.ts";

/** Short keys of what behaves alike, however it came about; equal facts and worlds are kept once. */
export interface Keys {
  /** Writes the key into `row`; what is the same object in `from`, whose key is known, is not worked out again. */
  state(state: State, row: Int32Array, from?: Keyed): void;
  /** What a fresh operator would find, whatever became of the others and whoever they were. */
  remains(state: Pick<State, "world" | "facts">): string;
  /** One object for all that are equal. */
  world(world: World): World;
  facts(facts: Facts): Facts;
  withRecord(facts: Facts, record: JournalRecord): Facts;
  numberOfWorld(world: World): number;
  numberOfFacts(facts: Facts): number;
  numberOfEffect(effect: Effect): number;
}

/** Columns of a state's key, and those of each operator. */
const shares = 7;

export function keyWidth(operators: number): number {
  return shares + 2 * operators;
}

/** A state with its key. */
interface Keyed {
  readonly state: State;
  readonly row: Int32Array;
}

export function createKeys(): Keys {
  const texts = new Map<string, number>();
  const number = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const numbered = <T extends object>(key: (value: T) => string): ((value: T) => number) => {
    const cache = new WeakMap<T, number>();
    return (value) => {
      const known = cache.get(value);
      if (known !== undefined) return known;
      const fresh = number(key(value));
      cache.set(value, fresh);
      return fresh;
    };
  };
  const services = numbered(servicesKey);
  const json = numbered((value: object) => JSON.stringify(value));
  const hostKey = (host: SimulatedHost): string =>
    `${number(host.current ?? "")}.${services(host.services)}.${json(host.releases)}${host.isCutOff === true ? "!" : ""}${host.wish?.command ?? ""}`;
  const balancerKey = (one: SimulatedBalancer): string =>
    `${json(one.routing)}.${json(one.lingering)}.${json(one.answered)}${one.isCutOff === true ? "!" : ""}`;
  /** Everything but time and epochs. */
  const content = numbered(
    (world: World) =>
      `${world.hosts.map(hostKey).join()}|${world.balancers.map(balancerKey).join()}|${world.migrations.length}`,
  );
  const placed = numbered((world: World) => `${content(world)}@${epochsKey(world)}`);
  const whole = numbered((world: World) => `${placed(world)}@${world.at}`);
  const worlds = new Map<number, World>();

  const effects = numbered(effectKey);
  const decisions = numbered((decision: Decision) => decisionKey(decision, effects));
  const facts = numbered(factsKey);
  const factsWithoutEpoch = numbered((value: Facts) => factsKey({ ...value, epoch: 0 }));
  const exact = numbered(exactKey);
  const exacts = new Map<number, Facts>();
  const next = new WeakMap<Facts, Map<string, Facts>>();
  const oneOf = (value: Facts): Facts => {
    const same = exacts.get(exact(value)) ?? value;
    exacts.set(exact(value), same);
    return same;
  };

  /** All but what it knows of the journal. */
  const operatorKey = (operator: Operator): string => {
    if (isAbsent(operator)) return operator.phase;
    const decision = operator.decision === null ? "" : decisions(operator.decision);
    const outcomes = operator.outcomes.map(sentKey).join("");
    const seen = operator.seen === null ? "" : content(operator.seen);
    return `${operator.phase}${operator.epoch}${operator.command}/${decision}/${outcomes}/${seen}`;
  };
  const lateNumber = ({ late }: State): number =>
    late.length === 0 ? -1 : number(late.map(({ effect, epoch }) => `${effects(effect)}@${epoch}`).join());
  const writeOperators = ({ operators, facts: shared }: State, row: Int32Array, from?: Keyed): void => {
    for (let i = 0, column = shares; i < operators.length; i += 1, column += 2) {
      const operator = operators[i]!;
      row[column] = operator === from?.state.operators[i] ? from.row[column]! : number(operatorKey(operator));
      const own = isAbsent(operator) ? null : operator.facts;
      row[column + 1] = own === null || own === shared ? -1 : facts(own);
    }
  };
  const clock = ({ world: { at }, facts: known }: Pick<State, "world" | "facts">): string => {
    const { switchedAt, lastAt, workedAt } = known;
    return `${switchedAt === null ? "" : at - switchedAt}+${at - lastAt}+${at - workedAt}`;
  };
  return {
    state(state, row, from) {
      const { world, facts: shared } = state;
      row[0] = world === from?.state.world ? from.row[0]! : placed(world);
      row[1] = shared === from?.state.facts ? from.row[1]! : facts(shared);
      row[2] = shared.switchedAt === null ? -1 : world.at - shared.switchedAt;
      row[3] = world.at - shared.lastAt;
      row[4] = world.at - shared.workedAt;
      row[5] = leftKey(state);
      row[6] = lateNumber(state);
      writeOperators(state, row, from);
    },
    remains: (state) => `${content(state.world)},${factsWithoutEpoch(state.facts)},${clock(state)}`,
    world(world) {
      const key = whole(world);
      const known = worlds.get(key);
      if (known === undefined) worlds.set(key, world);
      return known ?? world;
    },
    facts: oneOf,
    withRecord(before, record) {
      let known = next.get(before);
      if (known === undefined) next.set(before, (known = new Map()));
      const key = recordKey(record, effects);
      const after = known.get(key);
      if (after !== undefined) return after;
      const fresh = oneOf(addTo(before, record));
      known.set(key, fresh);
      return fresh;
    },
    numberOfWorld: whole,
    numberOfFacts: exact,
    numberOfEffect: effects,
  };
}

function isAbsent({ phase }: Operator): boolean {
  return phase === "gone" || phase === "idle";
}

/** What is left of each is below ten. */
function leftKey({ left: { deaths, losses, cuts, wishes, reboots }, observedBy }: State): number {
  return ((((observedBy * 10 + deaths) * 10 + losses) * 10 + cuts) * 10 + wishes) * 10 + reboots;
}

function addTo(facts: Facts, record: JournalRecord): Facts {
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

function recordKey(record: JournalRecord, effects: (effect: Effect) => number): string {
  switch (record.kind) {
    case "intent":
      return `i${effects(record.effect)}@${record.at}`;
    case "outcome":
      return `o${effects(record.effect)}${record.outcome.outcome}@${record.at}`;
    case "begin":
    case "claim":
    case "turn":
    case "mark":
    case "stage":
    case "command":
    case "verdict":
    case "end":
      return JSON.stringify({ ...record, goal: undefined, problem: undefined });
  }
}

function epochsKey({ hosts, balancers }: World): string {
  return `${hosts.map((host) => host.epoch).join(":")}/${balancers.map((one) => one.epoch).join(":")}`;
}

function servicesKey(services: SimulatedHost["services"]): string {
  const keys = services.map((service) => {
    const instances = service.instances.map(
      (one) => `${one.release}${one.state}${Math.min(1, one.restarts)}${one.checked ? "c" : ""}`,
    );
    return `${service.name}:${service.live}:${service.reloadedFor}:${instances.sort().join()}`;
  });
  return keys.join("|");
}

/** All but the times and the number of tries. */
function factsKey(facts: Facts): string {
  const flags = [
    facts.abortAsked !== null && "a",
    facts.pauseAsked !== null && "w",
    facts.promoteAsked && "g",
    facts.refusal !== null && "r",
    facts.switchedAt !== null && "s",
    facts.promoted && "p",
    facts.verdict?.verdict,
  ];
  const sets = [facts.done, facts.switched, facts.touched].map((set) => [...set].sort().join());
  return `${facts.epoch}${facts.direction}${facts.stage}${flags.filter(Boolean).join("")}${facts.ended?.end ?? ""}|${sets.join("|")}`;
}

function exactKey(facts: Facts): string {
  const attempts = [...facts.attempts].map(([key, count]) => `${key}=${count}`).sort();
  return `${factsKey(facts)}|${facts.lastAt}|${facts.workedAt}|${facts.switchedAt}|${attempts.join()}`;
}

function sentKey(sent: Sent | null): string {
  return sent === null ? "-" : `${sent.outcome.outcome.slice(0, 2)}${sent.isWritten ? "+" : ""}`;
}

function decisionKey(decision: Decision, effects: (effect: Effect) => number): string {
  switch (decision.kind) {
    case "effects":
      return decision.effects.map(effects).join();
    case "mark":
      return decision.mark;
    case "end":
      return decision.end;
    case "stage":
      return `stage ${decision.stage}`;
    case "hold":
      return `${decision.until}${decision.watch?.kind ?? ""}`;
    case "turn":
      return "turn";
  }
}
