import { expect, test } from "vitest";
import { reachedAt } from "../../src/plan/reached.ts";
import type { Effect } from "../../src/plan/effect.ts";
import type { Goal, JournalRecord } from "../../src/plan/record.ts";
import { makeScenario, makeService, makeSpec, newRelease, oldRelease } from "../simulation/scenario.ts";

const { goal } = makeScenario("reached", { spec: makeSpec([makeService("web")]), hosts: ["web1", "web2"] });

/** Effects that begin one second after the other. */
function journal(...effects: readonly Effect[]): readonly JournalRecord[] {
  return effects.map((effect, i) => ({ at: (i + 1) * 1000, kind: "intent", effect }));
}

const stage: Effect = { layer: "release", verb: "stage", host: "web1", release: newRelease };
const current: Effect = { layer: "release", verb: "switch", host: "web1", release: newRelease };
const open = (release: string): Effect => ({
  layer: "process",
  verb: "switch",
  host: "web1",
  release,
  service: "web",
  keep: 0,
});
const weights = (web1: number): Goal["routing"][string] => ({ weights: { web: { web1, web2: 10 } } });
const route = (web1: number): Effect => ({
  layer: "traffic",
  verb: "switch",
  host: "lb1",
  release: newRelease,
  routing: weights(web1),
});
const behind: Goal = { ...goal, balancers: ["lb1"], routing: { lb1: weights(10) } };

test("on servers without a balancer clients meet the release when it is opened", () => {
  expect(reachedAt(journal(stage, current, open(newRelease)), goal)).toBe(3000);
  expect(reachedAt(journal(stage, current, open(oldRelease)), goal)).toBeNull();
});

test("behind a balancer they meet it when the open server takes traffic", () => {
  expect(reachedAt(journal(route(0), current, open(newRelease)), behind)).toBeNull();
  expect(reachedAt(journal(route(0), current, open(newRelease), route(1)), behind)).toBe(4000);
  expect(reachedAt(journal(stage, open(newRelease)), behind)).toBe(2000);
});

test("a cohort is clients, too", () => {
  const cohort = { match: { cookie: "beta", regex: "." }, servers: ["web1"] };
  const only: Effect = { ...route(0), routing: { ...weights(0), cohort } } as Effect;
  expect(reachedAt(journal(route(0), open(newRelease), only), behind)).toBe(3000);
});

test("a server that follows `current` by itself shows it at once", () => {
  const spec = makeSpec([makeService("web", { engine: "static" })]);
  expect(reachedAt(journal(stage, current), { ...goal, spec })).toBe(2000);
});
