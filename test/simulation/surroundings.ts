import { checkEnd } from "../../src/plan/invariants.ts";
import { killInstance, settle } from "../../src/plan/simulate/process.ts";
import {
  changeHost,
  changeService,
  type SimulatedHost,
  type SimulatedService,
  type World,
} from "../../src/plan/simulate/world.ts";
import type { Model } from "./model.ts";
import type { State, Successor } from "./state.ts";

/** What happens without any operator. */
export function* environmentSteps(model: Model, state: State): Generator<Successor> {
  const { late, left, facts } = state;
  if (late.length > 0) yield* lateEffects(model, state);
  yield* restarts(model, state);
  yield* returns(model, state);
  if (facts.ended !== null) return;
  if (left.deaths > 0) yield* deaths(model, state);
  if (left.reboots > 0) yield* reboots(model, state);
  if (left.cuts > 0) yield* cuts(model, state);
  if (left.wishes > 0 && facts.epoch > 0) yield* wishes(model, state);
}

function* lateEffects(model: Model, state: State): Generator<Successor> {
  const { facts, observedBy } = state;
  for (const [index, { effect, epoch }] of state.late.entries()) {
    const late = state.late.toSpliced(index, 1);
    const { world, violation } = model.apply(state.world, { effect, epoch, facts, observedBy });
    const { ended } = facts;
    const broken = ended === null ? null : checkEnd(model.scenario.goal, world, ended.end, ended.problem);
    yield {
      label: `a late ${effect.verb} arrives`,
      state: { ...state, late, world },
      violation: violation ?? broken,
    };
  }
}

function* restarts(model: Model, state: State): Generator<Successor> {
  for (const { host, services } of state.world.hosts)
    for (const service of services.filter(isRestarting)) {
      const world = changeHost(state.world, host, (one) =>
        changeService(one, service.name, (old) => settle(model.scenario.rules, old, service.live ?? "")),
      );
      yield { label: `${service.name} is up again`, state: { ...state, world: model.keys.world(world) } };
    }
}

function* deaths(model: Model, state: State): Generator<Successor> {
  const left = { ...state.left, deaths: state.left.deaths - 1 };
  for (const { host, services } of state.world.hosts)
    for (const service of services)
      for (const instance of service.instances) {
        if (instance.state === "failed") continue;
        const world = changeHost(state.world, host, (one) =>
          changeService(one, service.name, (old) => killInstance(old, instance.id)),
        );
        const label = `${host} ${service.name} ${instance.release.slice(8, 10)} ${instance.state} dies`;
        yield { label, state: { ...state, world: model.keys.world(world), left } };
      }
}

function* reboots(model: Model, state: State): Generator<Successor> {
  const left = { ...state.left, reboots: state.left.reboots - 1 };
  for (const { host } of state.world.hosts) {
    const world = model.keys.world(changeHost(state.world, host, reboot));
    yield { label: `${host} restarts`, state: { ...state, world, left } };
  }
}

/** Everything there ends. Its supervisor starts again what took traffic of the live release, and forgets the rest. */
function reboot(host: SimulatedHost): SimulatedHost {
  const services = host.services.map((service): SimulatedService => {
    const killed = service.instances.reduce((sum, { id }) => killInstance(sum, id), service);
    return { ...killed, instances: killed.instances.filter(({ state }) => state !== "failed") };
  });
  return { ...host, services };
}

function* cuts(model: Model, state: State): Generator<Successor> {
  const left = { ...state.left, cuts: state.left.cuts - 1 };
  for (const { host } of [...state.world.hosts, ...state.world.balancers]) {
    const world = model.keys.world(setCutOff(state.world, host, true));
    yield { label: `${host} is cut off`, state: { ...state, world, left } };
  }
}

function* returns(model: Model, state: State): Generator<Successor> {
  for (const { host, isCutOff } of [...state.world.hosts, ...state.world.balancers])
    if (isCutOff === true) {
      const world = model.keys.world(setCutOff(state.world, host, false));
      yield { label: `${host} is back`, state: { ...state, world } };
    }
}

function setCutOff(world: World, name: string, isCutOff: boolean): World {
  const set = <T extends { readonly host: string }>(one: T): T =>
    one.host === name ? { ...one, isCutOff } : one;
  return { ...world, hosts: world.hosts.map(set), balancers: world.balancers.map(set) };
}

function* wishes(model: Model, state: State): Generator<Successor> {
  const [first] = state.world.hosts;
  if (first === undefined || first.wish !== undefined) return;
  const left = { ...state.left, wishes: state.left.wishes - 1 };
  for (const command of ["promote", "pause", "abort"] as const) {
    const wish = { deployment: model.scenario.goal.id, command, operator: "somebody" };
    const world = model.keys.world(changeHost(state.world, first.host, (host) => ({ ...host, wish })));
    yield { label: `somebody wishes: ${command}`, state: { ...state, world, left } };
  }
}

export function isRestarting({ instances, live }: SimulatedService): boolean {
  return live !== null && instances.some((one) => one.state === "starting" && one.restarts > 0);
}
