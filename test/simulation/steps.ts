import type { Decision, Effects, Watch } from "../../src/plan/decision.ts";
import { checkDecision, checkEnd } from "../../src/plan/invariants.ts";
import type { Effect, Outcome } from "../../src/plan/effect.ts";
import type { Finding, JournalRecord } from "../../src/plan/record.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import type { NewRecord } from "../../src/execute/run.ts";
import type { Model } from "./model.ts";
import { gone, idle, type Operator, type State, type Successor } from "./state.ts";
import { highestEpoch, raiseEpochs } from "./simulated-fleet.ts";
import { environmentSteps } from "./surroundings.ts";

export function successors(model: Model, state: State): readonly Successor[] {
  const found: Successor[] = [];
  for (let who = 0; who < state.operators.length; who += 1) {
    found.push(...operatorSteps(model, state, who));
    if (state.operators[who]?.phase === "idle") break;
  }
  found.push(...environmentSteps(model, state));
  return found;
}

export function operatorSteps(model: Model, state: State, who: number): readonly Successor[] {
  const operator = state.operators[who]!;
  switch (operator.phase) {
    case "gone":
      return [];
    case "idle":
    case "looked":
      return start(model, state, who);
    case "raised":
      return [claim(model, state, who)];
    case "ready":
      return [look(model, state, who)];
    case "answering":
      return [clearWish(model, state, who)];
    case "decided":
      return [follow(model, state, who), ...judge(model, state, who)];
    case "intended":
      return sendOrWrite(model, state, who);
  }
}

function start(model: Model, state: State, who: number): readonly Successor[] {
  const { ended } = state.facts;
  if (ended !== null && ended.end !== "paused") return [];
  if (who > 0 && state.facts.epoch === 0) return [];
  if (!model.variant.looksAfterBarrier && state.operators[who]?.phase === "idle") {
    const looked: Operator = { ...idle, phase: "looked", seen: state.world };
    return [{ label: `${who} looks`, state: change(state, who, looked) }];
  }
  if (isAnyCutOff(state.world)) return refuseStart(model, state, who);
  const commands = who === 0 ? ([null] as const) : (["resume", "abort"] as const);
  return commands.map((command) => {
    return { label: `${who} raises (${command})`, state: raise(model, state, who, command) };
  });
}

/** It sees at once that somebody is missing, or (cut off in that moment) has raised the epoch on the balancers by then. */
function refuseStart(model: Model, state: State, who: number): readonly Successor[] {
  const refused = { label: `${who} cannot reach all`, state: change(state, who, gone) };
  const { balancers } = raise(model, state, who, null).world;
  const isPartly = balancers.length > 0 && balancers.every((one) => one.isCutOff !== true);
  if (!isPartly) return [refused];
  const world = model.keys.world({ ...state.world, balancers });
  const raised = change({ ...state, world }, who, gone);
  return [refused, { label: `${who} raises the balancers and gives up`, state: raised }];
}

function isAnyCutOff({ hosts, balancers }: World): boolean {
  return [...hosts, ...balancers].some((one) => one.isCutOff === true);
}

export function raise(model: Model, state: State, who: number, command: Operator["command"]): State {
  const known = state.operators.map((operator) => operator.epoch);
  const epoch = Math.max(state.facts.epoch, highestEpoch(state.world), ...known) + 1;
  const raised = raiseEpochs(state.world, epoch);
  const world = {
    everywhere: raised,
    hosts: { ...raised, balancers: state.world.balancers },
    nowhere: state.world,
  }[model.variant.barrier];
  const operator: Operator = {
    ...idle,
    phase: "raised",
    epoch,
    command,
    seen: state.operators[who]?.seen ?? null,
  };
  return change({ ...state, world: model.keys.world(world) }, who, operator);
}

/** Whoever takes over says what shall happen; an older wish of somebody else no longer counts. */
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
  const facts = records.reduce(
    (sum, record) => model.keys.withRecord(sum, dated(state, record)),
    state.facts,
  );
  const world = command === null ? state.world : withoutWish(model, state.world);
  const next = change({ ...state, facts, world }, who, { ...operator, phase: "ready", facts });
  return { label, state: next };
}

/** At a wish of somebody else, which is journaled first; without one it decides. */
function look(model: Model, state: State, who: number): Successor {
  const operator = state.operators[who]!;
  const isOvertaken = highestEpoch(state.world) > operator.epoch;
  if (model.variant.fence && isOvertaken)
    return { label: `${who} sees it is stale`, state: change(state, who, gone) };
  const wish = state.world.hosts.find((host) => host.wish !== undefined && host.isCutOff !== true)?.wish;
  if (wish === undefined) return decideNow(model, state, who);
  const { command, operator: by } = wish;
  const record: NewRecord = { kind: "command", command, operator: by };
  return append(model, state, who, { records: [record], next: { ...operator, phase: "answering" } });
}

function clearWish(model: Model, state: State, who: number): Successor {
  const operator = state.operators[who]!;
  const world = withoutWish(model, state.world);
  const next: Operator = { ...operator, phase: "ready" };
  return { label: `${who} clears the wish`, state: change({ ...state, world }, who, next) };
}

function withoutWish(model: Model, world: World): World {
  if (!world.hosts.some((host) => host.wish !== undefined)) return world;
  const hosts = world.hosts.map((host) => ({ ...host, wish: undefined }));
  return model.keys.world({ ...world, hosts });
}

function decideNow(model: Model, state: State, who: number): Successor {
  const { scenario, variant } = model;
  const operator = state.operators[who]!;
  const seen = variant.looksAfterBarrier ? state.world : (operator.seen ?? state.world);
  const decision = model.decide(operator.facts!, seen);
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
    case "hold":
      return hold(model, state, who, decision);
    case "mark":
      return append(model, state, who, { records: [{ kind: "mark", mark: decision.mark }], next: ready });
    case "stage":
      return append(model, state, who, { records: [{ kind: "stage", stage: decision.stage }], next: ready });
    case "turn": {
      const records: NewRecord[] = [{ kind: "turn", problem: decision.problem }];
      return append(model, state, who, { records, next: ready });
    }
    case "end": {
      const { end, problem } = decision;
      const records: NewRecord[] = operator.facts!.ended === null ? [{ kind: "end", end, problem }] : [];
      const successor = append(model, state, who, { records, next: gone });
      const wasFirst = state.facts.ended === null && successor.state.facts.ended !== null;
      if (!wasFirst) return successor;
      return { ...successor, violation: checkEnd(model.scenario.goal, state.world, end, problem) };
    }
    case "effects": {
      const outcomes = decision.effects.map(() => null);
      const next: Operator = { ...operator, phase: "intended", outcomes };
      const records = decision.effects.map((effect): NewRecord => ({ kind: "intent", effect }));
      return append(model, state, who, { records: model.variant.writeAhead ? records : [], next });
    }
  }
}

/** Time passes; when the least of it is over, the judge is content. */
function hold(
  model: Model,
  state: State,
  who: number,
  { until, watch }: Decision & { kind: "hold" },
): Successor {
  if (watch !== undefined && mayConclude(state, watch)) return conclude(model, state, who, "sound");
  const next: Operator = { ...state.operators[who]!, phase: "ready", decision: null, outcomes: [] };
  const world = model.keys.world({ ...state.world, at: Math.max(state.world.at, until) });
  return { label: `${who} holds`, state: change({ ...state, world }, who, next) };
}

/** A judge may say anything at any moment, and nothing when a time is over; `hold` has the one that is content in the end. */
function judge(model: Model, state: State, who: number): readonly Successor[] {
  const { decision } = state.operators[who]!;
  if (decision?.kind !== "hold" || decision.watch === undefined) return [];
  const bad = [conclude(model, state, who, "harm"), conclude(model, state, who, "inconclusive")];
  if (!mayConclude(state, decision.watch)) return [...bad, conclude(model, state, who, "sound")];
  const next: Operator = { ...state.operators[who]!, phase: "ready", decision: null };
  const world = model.keys.world({ ...state.world, at: Math.max(state.world.at, decision.until) });
  const silent = change({ ...state, world }, who, next);
  return [...bad, { label: `${who} hears nothing of the judge`, state: silent }];
}

function mayConclude({ world }: State, { kind, least }: Watch): boolean {
  return kind !== "bake" && world.at >= least;
}

function conclude(model: Model, state: State, who: number, verdict: Finding["verdict"]): Successor {
  const operator = state.operators[who]!;
  const stage = operator.decision?.kind === "hold" ? (operator.decision.watch?.stage ?? 0) : 0;
  const next: Operator = { ...operator, phase: "ready", decision: null, outcomes: [] };
  const records: NewRecord[] = [{ kind: "verdict", stage, verdict, why: "", evidence: [] }];
  const successor = append(model, state, who, { records, next });
  return { ...successor, label: `${who}: the judge says ${verdict}` };
}

interface Append {
  readonly records: readonly NewRecord[];
  readonly next: Operator;
}

function append(model: Model, state: State, who: number, { records, next }: Append): Successor {
  const operator = state.operators[who]!;
  const label = `${who} writes ${records.map((record) => record.kind).join()}`;
  if (model.variant.compareAndSet && operator.facts !== state.facts)
    return { label: `${label}: stale`, state: change(state, who, gone) };
  const facts = records.reduce(
    (sum, record) => model.keys.withRecord(sum, dated(state, record)),
    state.facts,
  );
  const isGone = next.phase === "gone";
  return { label, state: change({ ...state, facts }, who, isGone ? next : { ...next, facts }) };
}

/**
 * The effects of one decision are under way at the same time: they reach their hosts in any order, and each outcome is
 * journaled at any time after. Whoever is killed in between leaves any part of them done, and any part of that written down.
 */
function sendOrWrite(model: Model, state: State, who: number): readonly Successor[] {
  const operator = state.operators[who]!;
  const effects = effectsOf(operator);
  const found: Successor[] = [];
  const isAllSent = !operator.outcomes.includes(null);
  for (const [index, effect] of effects.entries()) {
    const sent = operator.outcomes[index] ?? null;
    if (sent === null) found.push(...send(model, state, who, { index, effect }));
    else if (!sent.isWritten && (isAllSent || model.order === "any"))
      found.push(writeOutcome(model, state, who, { index, effect, outcome: sent.outcome }));
    else continue;
    if (model.order === "listed") break;
  }
  return found;
}

interface Underway {
  readonly index: number;
  readonly effect: Effect;
}

function send(model: Model, state: State, who: number, { index, effect }: Underway): readonly Successor[] {
  const operator = state.operators[who]!;
  const { epoch } = operator;
  const { facts, observedBy, left } = state;
  const applied = model.apply(state.world, { effect, epoch, facts, observedBy });
  const { outcome, violation } = applied;
  const label = `${who} ${effect.layer} ${effect.verb} ${effect.host} ${effect.release.slice(8, 10)}: ${outcome.outcome}`;
  const isStale = outcome.outcome === "stale";
  const after = (answer: Outcome): Operator => ({
    ...operator,
    outcomes: operator.outcomes.with(index, { outcome: answer, isWritten: false }),
  });
  const sent = change({ ...state, world: applied.world }, who, isStale ? gone : after(outcome));
  if (left.losses === 0 || isStale) return [{ label, state: sent, violation }];
  const lost = after({ outcome: "unknown", why: "lost" });
  const lossy: State = { ...state, left: { ...left, losses: left.losses - 1 } };
  const late = [...state.late, { effect, epoch }];
  return [
    { label, state: sent, violation },
    {
      label: `${label} (reply lost)`,
      state: change({ ...lossy, world: applied.world }, who, lost),
      violation,
    },
    {
      label: `${who} ${effect.layer} ${effect.verb} is late`,
      state: change({ ...lossy, late }, who, lost),
    },
  ];
}

/** A missing reply asks for a new barrier; where somebody cannot be reached there is none, and things stay as they are. */
function writeOutcome(
  model: Model,
  state: State,
  who: number,
  { index, effect, outcome }: Underway & { readonly outcome: Outcome },
): Successor {
  const operator = state.operators[who]!;
  const outcomes = operator.outcomes.with(index, { outcome, isWritten: true });
  const records: NewRecord[] = [{ kind: "outcome", effect, outcome }];
  if (outcomes.some((sent) => sent?.isWritten !== true))
    return append(model, state, who, { records, next: { ...operator, outcomes } });
  const next: Operator = { ...operator, phase: "ready", decision: null, outcomes: [] };
  const written = append(model, state, who, { records, next });
  const isUnknown = outcomes.some((sent) => sent?.outcome.outcome === "unknown");
  const isOver = written.state.operators[who]?.phase === "gone" || isAnyCutOff(state.world);
  if (!isUnknown || !model.variant.reclaim || isOver) return written;
  return { ...written, state: raise(model, written.state, who, null) };
}

function effectsOf({ decision }: Operator): Effects["effects"] {
  return decision?.kind === "effects" ? decision.effects : [];
}

function change(state: State, who: number, operator: Operator): State {
  return { ...state, operators: state.operators.with(who, operator) };
}

function dated(state: State, record: NewRecord): JournalRecord {
  return { at: state.world.at, ...record };
}
