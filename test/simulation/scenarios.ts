import { decide } from "../../src/plan/decide.ts";
import { applyEffect } from "../../src/plan/simulate/apply.ts";
import type { Faults } from "../../src/plan/simulate/world.ts";
import { allHooks, makeScenario, makeService, makeSpec, makeWorker, type Scenario } from "./scenario.ts";
import type { Variant } from "./model.ts";

export const production: Variant = {
  decide,
  apply: applyEffect,
  barrier: "everywhere",
  fence: true,
  compareAndSet: true,
  writeAhead: true,
  reclaim: true,
  looksAfterBarrier: true,
};

const one = makeService("web");
const two = makeService("web", { instances: 2 });
const three = makeService("web", { instances: 3 });
const migrate = { run: "migrate", timeoutMs: 60_000 };
const behind = makeService("api", { port: 4000, after: ["web"] });
const php = makeService("php", { engine: "php-fpm", reload: "systemctl reload php-fpm" });

export const scenarios: readonly Scenario[] = [
  makeScenario("first deploy", { spec: makeSpec([one]), previousSpec: null }),
  makeScenario("redeploy", { spec: makeSpec([one], { migrate, hooks: allHooks }) }),
  makeScenario("two instances", { spec: makeSpec([two]) }),
  makeScenario("two instances, one extra", { spec: makeSpec([two], { surge: 1 }) }),
  makeScenario("three instances, one extra", { spec: makeSpec([three], { surge: 1 }) }),
  makeScenario("one to three", { spec: makeSpec([three]), previousSpec: makeSpec([one]) }),
  makeScenario("three to one, one extra", {
    spec: makeSpec([one], { surge: 1 }),
    previousSpec: makeSpec([three]),
  }),
  makeScenario("two services", { spec: makeSpec([one, behind]) }),
  makeScenario("a service comes, another goes", {
    spec: makeSpec([one, behind]),
    previousSpec: makeSpec([one, makeService("old", { port: 5000 })]),
  }),
  makeScenario("worker", { spec: makeSpec([one, makeWorker("mail")]) }),
  makeScenario("php-fpm", { spec: makeSpec([php], { migrate }) }),
  makeScenario("php-fpm and a worker", { spec: makeSpec([php, makeWorker("mail")]) }),
  makeScenario("rollback", { spec: makeSpec([two], { migrate }), kind: "rollback" }),
  makeScenario("recreate", { spec: makeSpec([two], { migrate }), strategy: "recreate" }),
  makeScenario("recreate, two services", { spec: makeSpec([one, behind]), strategy: "recreate" }),
  makeScenario("no instance wanted", {
    spec: makeSpec([makeService("web", { instances: 0 })]),
    previousSpec: makeSpec([one]),
  }),
  makeScenario("two hosts", { spec: makeSpec([one], { migrate }), hosts: ["a", "b"] }),
  makeScenario("old release cannot start either", { spec: makeSpec([one]), oldFaults: { boot: true } }),
];

export function withFaults(scenario: Scenario, added: Faults): Scenario {
  const { rules, goal } = scenario;
  const name = `${scenario.name}, ${JSON.stringify(added)}`;
  const faults = new Map(rules.faults).set(goal.release, added);
  const hasHooks = added.hooks !== undefined;
  const spec = hasHooks ? { ...goal.spec, hooks: allHooks } : goal.spec;
  return { ...scenario, name, goal: { ...goal, spec }, rules: { ...rules, faults } };
}

export function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`There is no scenario ${name}.`);
  return found;
}
