import type { decide } from "../../src/plan/decide.ts";
import type { Effects } from "../../src/plan/decision.ts";
import { foldFacts } from "../../src/plan/facts.ts";
import { checkDecision, checkEnd, checkGates, checkStep, type Violation } from "../../src/plan/invariants.ts";
import type { JournalRecord } from "../../src/plan/record.ts";
import type { applyEffect } from "../../src/plan/simulate/apply.ts";
import { killInstance, settle } from "../../src/plan/simulate/process.ts";
import {
  changeHost,
  changeService,
  observeWorld,
  type SimulatedService,
  type World,
} from "../../src/plan/simulate/world.ts";
import type { NewRecord } from "../../src/execute/run.ts";
import type { Scenario } from "./scenario.ts";
import { highestEpoch, raiseEpochs } from "./simulated-fleet.ts";
import { createKeys, gone, idle, type Operator, type State, withRecord } from "./state.ts";

/** The production parts and the rules of the loop; a mutant switches one of them off. */
export interface Variant {
  readonly decide: typeof decide;
  readonly apply: typeof applyEffect;
  /** The epoch is raised on the hosts before anybody looks. */
  readonly barrier: boolean;
  /** An operator who sees a higher epoch stops, and hosts refuse the lower one. */
  readonly fence: boolean;
  /** The journal refuses whoever has not read its end. */
  readonly compareAndSet: boolean;
  /** Intents are in the journal before their effects. */
  readonly writeAhead: boolean;
  /** A missing reply raises the epoch again. */
  readonly reclaim: boolean;
  /** An operator looks only behind its own barrier. */
  readonly looksAfterBarrier: boolean;
}

export interface Limits {
  readonly operators: number;
  readonly deaths: number;
  readonly losses: number;
  readonly maxStates?: number;
}

export interface Found {
  readonly states: number;
  readonly recoveries: number;
  readonly ends: ReadonlySet<string>;
  readonly violation: (Violation & { readonly trace: readonly string[] }) | null;
}

interface Successor {
  readonly label: string;
  readonly state: State;
  readonly violation?: Violation | null;
}

/** Breadth first over every interleaving; each state is also what a crash of everybody would leave behind. */
export function search(scenario: Scenario, variant: Variant, limits: Limits): Found {
  const keys = createKeys();
  const model = { scenario, variant };
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
      const broken = checkRecovery(model, state);
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

interface Model {
  readonly scenario: Scenario;
  readonly variant: Variant;
}

function startState({ world }: Scenario, limits: Limits): State {
  return {
    world,
    facts: foldFacts([]),
    operators: Array.from({ length: limits.operators }, () => idle),
    late: [],
    deathsLeft: limits.deaths,
    lossesLeft: limits.losses,
    observedBy: 0,
  };
}

function* successors(model: Model, state: State): Generator<Successor> {
  for (let who = 0; who < state.operators.length; who += 1) {
    yield* operatorSteps(model, state, who);
    if (state.operators[who]?.phase === "idle") break;
  }
  yield* environmentSteps(model, state);
}

function* operatorSteps(model: Model, state: State, who: number): Generator<Successor> {
  const operator = state.operators[who]!;
  switch (operator.phase) {
    case "gone":
      return;
    case "idle":
    case "looked":
      return yield* start(model, state, who);
    case "raised":
      return yield claim(model, state, who);
    case "ready":
      return yield decideNow(model, state, who);
    case "decided":
      return yield follow(model, state, who);
    case "intended":
      return yield* applyNext(model, state, who);
  }
}

function* start(model: Model, state: State, who: number): Generator<Successor> {
  const { ended } = state.facts;
  if (ended !== null && ended.end !== "paused") return;
  if (who > 0 && state.facts.epoch === 0) return;
  if (!model.variant.looksAfterBarrier && state.operators[who]?.phase === "idle") {
    const looked: Operator = { ...idle, phase: "looked", seen: state.world };
    return yield { label: `${who} looks`, state: change(state, who, looked) };
  }
  for (const command of who === 0 ? ([null] as const) : (["resume", "abort"] as const))
    yield { label: `${who} raises (${command})`, state: raise(model, state, who, command) };
}

function raise(model: Model, state: State, who: number, command: Operator["command"]): State {
  const known = state.operators.map((operator) => operator.epoch);
  const epoch = Math.max(state.facts.epoch, highestEpoch(state.world), ...known) + 1;
  const world = model.variant.barrier ? raiseEpochs(state.world, epoch) : state.world;
  return change({ ...state, world }, who, {
    ...idle,
    phase: "raised",
    epoch,
    command,
    seen: state.operators[who]?.seen ?? null,
  });
}

function claim(model: Model, state: State, who: number): Successor {
  const operator = state.operators[who]!;
  const label = `${who} claims`;
  if (state.facts.epoch > operator.epoch)
    return { label: `${label}: stale`, state: change(state, who, gone) };
  const { goal } = model.scenario;
  const { epoch, command } = operator;
  const records: NewRecord[] =
    state.facts.epoch === 0
      ? [{ kind: "begin", goal, epoch, operator: String(who) }]
      : [{ kind: "claim", epoch, operator: String(who) }];
  if (command !== null) records.push({ kind: "command", command, operator: String(who) });
  const facts = records.reduce((sum, record) => withRecord(sum, dated(state, record)), state.facts);
  return { label, state: change({ ...state, facts }, who, { ...operator, phase: "ready", facts }) };
}

function decideNow({ scenario, variant }: Model, state: State, who: number): Successor {
  const operator = state.operators[who]!;
  const isOvertaken = state.world.hosts.some((host) => host.epoch > operator.epoch);
  if (variant.fence && isOvertaken)
    return { label: `${who} sees it is stale`, state: change(state, who, gone) };
  const seen = variant.looksAfterBarrier ? state.world : (operator.seen ?? state.world);
  const decision = variant.decide(scenario.goal, operator.facts!, observeWorld(seen));
  const violation = checkDecision(scenario.goal, operator.facts!, state.world, decision);
  const observedBy = Math.max(state.observedBy, operator.epoch);
  const next: Operator = { ...operator, phase: "decided", decision, seen: null };
  const what = decision.kind === "effects" ? decision.why : decision.kind;
  return { label: `${who} decides: ${what}`, state: change({ ...state, observedBy }, who, next), violation };
}

function follow(model: Model, state: State, who: number): Successor {
  const operator = state.operators[who]!;
  const decision = operator.decision!;
  const ready: Operator = { ...operator, phase: "ready", decision: null, outcomes: [] };
  switch (decision.kind) {
    case "hold": {
      const at = Math.max(state.world.at, decision.until);
      return {
        label: `${who} holds`,
        state: change({ ...state, world: { ...state.world, at } }, who, ready),
      };
    }
    case "mark":
      return append(model, state, who, { records: [{ kind: "mark", mark: decision.mark }], next: ready });
    case "stage":
      return append(model, state, who, { records: [{ kind: "stage", stage: decision.stage }], next: ready });
    case "turn":
      return append(model, state, who, {
        records: [{ kind: "turn", problem: decision.problem }],
        next: ready,
      });
    case "end": {
      const { end, problem } = decision;
      const records: NewRecord[] = operator.facts!.ended === null ? [{ kind: "end", end, problem }] : [];
      const successor = append(model, state, who, { records, next: gone });
      const wasFirst = state.facts.ended === null && successor.state.facts.ended !== null;
      return wasFirst
        ? { ...successor, violation: checkEnd(model.scenario.goal, state.world, end, problem) }
        : successor;
    }
    case "effects": {
      const next: Operator = { ...operator, phase: "intended" };
      const records = decision.effects.map((effect): NewRecord => ({ kind: "intent", effect }));
      return append(model, state, who, { records: model.variant.writeAhead ? records : [], next });
    }
  }
}

interface Append {
  readonly records: readonly NewRecord[];
  readonly next: Operator;
}

function append({ variant }: Model, state: State, who: number, { records, next }: Append): Successor {
  const operator = state.operators[who]!;
  const label = `${who} writes ${records.map((record) => record.kind).join()}`;
  if (variant.compareAndSet && operator.facts !== state.facts)
    return { label: `${label}: stale`, state: change(state, who, gone) };
  const facts = records.reduce((sum, record) => withRecord(sum, dated(state, record)), state.facts);
  const isGone = next.phase === "gone";
  return { label, state: change({ ...state, facts }, who, isGone ? next : { ...next, facts }) };
}

function* applyNext(model: Model, state: State, who: number): Generator<Successor> {
  const operator = state.operators[who]!;
  const effects = effectsOf(operator);
  const effect = effects[operator.outcomes.length];
  if (effect === undefined) return yield writeOutcomes(model, state, who);
  const applied = applyWatched(model, state, effect, operator.epoch);
  const label = `${who} ${effect.layer} ${effect.verb} ${effect.release.slice(8, 10)}: ${applied.outcome.outcome}`;
  const isStale = applied.outcome.outcome === "stale";
  const next = isStale ? gone : { ...operator, outcomes: [...operator.outcomes, applied.outcome] };
  yield { label, state: change({ ...state, world: applied.world }, who, next), violation: applied.violation };
  if (state.lossesLeft === 0 || isStale) return;
  const unknown = { outcome: "unknown", why: "lost" } as const;
  const lost: Operator = { ...operator, outcomes: [...operator.outcomes, unknown] };
  const lossesLeft = state.lossesLeft - 1;
  yield {
    label: `${label} (reply lost)`,
    state: change({ ...state, world: applied.world, lossesLeft }, who, lost),
    violation: applied.violation,
  };
  const late = [...state.late, { effect, epoch: operator.epoch }];
  yield {
    label: `${who} ${effect.layer} ${effect.verb} is late`,
    state: change({ ...state, late, lossesLeft }, who, lost),
  };
}

function writeOutcomes(model: Model, state: State, who: number): Successor {
  const operator = state.operators[who]!;
  const effects = effectsOf(operator);
  const records = operator.outcomes.flatMap((outcome, index): NewRecord[] => {
    const effect = effects[index];
    return effect === undefined ? [] : [{ kind: "outcome", effect, outcome }];
  });
  const next: Operator = { ...operator, phase: "ready", decision: null, outcomes: [] };
  const written = append(model, state, who, { records, next });
  const isUnknown = operator.outcomes.some((outcome) => outcome.outcome === "unknown");
  if (!isUnknown || !model.variant.reclaim || written.state.operators[who]?.phase === "gone") return written;
  return { ...written, state: raise(model, written.state, who, null) };
}

function effectsOf({ decision }: Operator): Effects["effects"] {
  return decision?.kind === "effects" ? decision.effects : [];
}

interface Watched {
  readonly world: World;
  readonly outcome: ReturnType<typeof applyEffect>["outcome"];
  readonly violation: Violation | null;
}

function applyWatched(
  { scenario, variant }: Model,
  state: State,
  effect: Effects["effects"][number],
  epoch: number,
): Watched {
  const { goal, rules } = scenario;
  const before = state.world;
  const fence = variant.fence ? epoch : Number.MAX_SAFE_INTEGER;
  const { world: changed, outcome } = variant.apply(rules, before, effect, fence);
  if (outcome.outcome === "stale") return { world: before, outcome, violation: null };
  const hosts = changed.hosts.map((host) => ({ ...host, epoch: Math.max(host.epoch, epoch) }));
  const after = variant.barrier ? changed : { ...changed, hosts };
  const step = { goal, facts: state.facts, before, effect, epoch, after, observedBy: state.observedBy };
  return { world: after, outcome, violation: checkStep(step) ?? checkGates(goal, after) };
}

function* environmentSteps(model: Model, state: State): Generator<Successor> {
  for (const [index, { effect, epoch }] of state.late.entries()) {
    const late = state.late.toSpliced(index, 1);
    const { world, violation } = applyWatched(model, state, effect, epoch);
    const { ended } = state.facts;
    const broken = ended === null ? null : checkEnd(model.scenario.goal, world, ended.end, ended.problem);
    const label = `a late ${effect.verb} arrives`;
    yield { label, state: { ...state, late, world }, violation: violation ?? broken };
  }
  for (const host of state.world.hosts)
    for (const service of host.services) {
      if (isRestarting(service)) {
        const world = changeHost(state.world, host.host, (one) =>
          changeService(one, service.name, (old) => settle(model.scenario.rules, old, service.live ?? "")),
        );
        yield { label: `${service.name} is up again`, state: { ...state, world } };
      }
      if (state.deathsLeft === 0 || state.facts.ended !== null) continue;
      for (const instance of service.instances) {
        if (instance.state === "failed") continue;
        const world = changeHost(state.world, host.host, (one) =>
          changeService(one, service.name, (old) => killInstance(old, instance.id)),
        );
        const label = `${service.name} ${instance.release.slice(8, 10)} ${instance.state} dies`;
        yield { label, state: { ...state, world, deathsLeft: state.deathsLeft - 1 } };
      }
    }
}

function change(state: State, who: number, operator: Operator): State {
  return { ...state, operators: state.operators.with(who, operator) };
}

function dated(state: State, record: NewRecord): JournalRecord {
  return { at: state.world.at, ...record };
}

type Broken = Violation & { readonly trace: readonly string[] };

/** Everybody is dead; one fresh operator without further faults has to end it, either way. */
function checkRecovery(model: Model, state: State): Broken | null {
  const { ended } = state.facts;
  if (ended !== null && ended.end !== "paused") return null;
  return recover(model, state, "resume") ?? recover(model, state, "abort");
}

const mostSteps = 300;

function recover(model: Model, from: State, command: "resume" | "abort"): Broken | null {
  const trace: string[] = [];
  let state: State = { ...from, operators: [idle], late: [], deathsLeft: 0, lossesLeft: 0 };
  state = raise(model, { ...state, operators: from.operators }, 0, command);
  state = { ...state, operators: [state.operators[0]!] };
  trace.push(`fresh operator: ${command}`);
  for (let steps = 0; state.operators[0]?.phase !== "gone"; steps += 1) {
    if (steps >= mostSteps) return { invariant: "I7", what: `${command} did not come to an end.`, trace };
    state = { ...state, world: reviveAll(model, state.world) };
    const [next] = [...operatorSteps(model, state, 0)];
    if (next === undefined) break;
    trace.push(next.label);
    if (next.violation) return { ...next.violation, trace };
    state = next.state;
  }
  const end = state.facts.ended?.end;
  const isFine = end === "old" || (end === "new" && command === "resume");
  if (isFine || (end === "paused" && isHopeless(model.scenario))) return null;
  return { invariant: "I11", what: `${command} ended ${end}.`, trace };
}

/** Without further faults the supervisor brings back in time what has ended. */
function reviveAll({ scenario }: Model, world: World): World {
  const isDown = world.hosts.some((host) => host.services.some(isRestarting));
  if (!isDown) return world;
  const hosts = world.hosts.map((host) => ({
    ...host,
    services: host.services.map((service) =>
      isRestarting(service) ? settle(scenario.rules, service, service.live ?? "") : service,
    ),
  }));
  return { ...world, hosts };
}

function isRestarting({ instances, live }: SimulatedService): boolean {
  return live !== null && instances.some((one) => one.state === "starting" && one.restarts > 0);
}

/** A fault that also the old release has: then pausing is all there is. */
function isHopeless({ rules, goal }: Scenario): boolean {
  return goal.previous !== null && Object.keys(rules.faults.get(goal.previous) ?? {}).length > 0;
}
