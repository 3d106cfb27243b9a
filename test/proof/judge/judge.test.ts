import { expect, test } from "vitest";
import { slowAboveMs } from "../../../src/proof/judge/baseline.ts";
import { tickOfCounters } from "../../../src/proof/judge/counters.ts";
import { explain } from "../../../src/proof/judge/explain.ts";
import { addTick, openCase, type Case } from "../../../src/proof/judge/judge.ts";
import { countTick, type Observation, type Warmth } from "../../../src/proof/judge/observation.ts";
import { defaults, errors, signal, traffic, type JudgeSettings } from "../../../src/proof/judge/settings.ts";
import { withStandards } from "../../../src/proof/judge/standard.ts";
import type { Tick } from "../../../src/proof/judge/tick.ts";
import { verdictOf } from "../../../src/proof/judge/verdict.ts";
import { chance } from "./chance.ts";
import { even, failing, serving } from "./simulate.ts";

const none = { total: 0, bad: 0 };
const onlyErrors: JudgeSettings = { ...defaults, signals: [errors] };

function second(at: number, canaryBad: number, controlBad = 0): Tick {
  return {
    at: at * 1000,
    signals: { errors: { canary: { total: 10, bad: canaryBad }, control: { total: 10, bad: controlBad } } },
  };
}

function judged(ticks: readonly Tick[], settings = onlyErrors): Case {
  return ticks.reduce((state, tick) => addTick(state, tick, settings), openCase(settings, 0));
}

const sound = Array.from({ length: 120 }, (_, i) => second(i + 1, 0));
const broken = [second(1, 0), second(2, 10)];

test("a canary that fails everything is aborted after ten failed requests, with the evidence in words", () => {
  const verdict = verdictOf(judged(broken), onlyErrors, 2000);
  expect([verdict.verdict, verdict.action]).toEqual(["abort", "abort"]);
  expect(explain(verdict)).toEqual(["errors   new 10 of 20 (50 %), old 0 of 20: worse, 5,986 to 1"]);
});

test("a sound one is promoted, yet not before the least time", () => {
  expect(verdictOf(judged(sound), onlyErrors, 59_999)).toMatchObject({ verdict: "hold", action: "hold" });
  expect(verdictOf(judged(sound), onlyErrors, 60_000)).toMatchObject({
    verdict: "promote",
    action: "promote",
  });
  expect(explain(verdictOf(judged(sound), onlyErrors, 60_000))[0]).toMatch(
    /^errors   new 0 of 1,200, old 0 of 1,200: as good, [\d,]+ to 1$/,
  );
});

test.each<[string, Case]>([
  ["no ticks at all", openCase(onlyErrors, 0)],
  ["a canary that nobody asks", judged([{ at: 1000, signals: {} }])],
  ["too few requests", judged([second(1, 0), second(2, 0)])],
])("%s: held, then paused as inconclusive, and never promoted", (_what, state) => {
  for (const at of [60_000, 599_999]) expect(verdictOf(state, onlyErrors, at).action).toBe("hold");
  expect(verdictOf(state, onlyErrors, 600_000)).toMatchObject({ verdict: "inconclusive", action: "pause" });
});

test("one signal without evidence keeps the others from promoting", () => {
  const both: JudgeSettings = { ...defaults, signals: [errors, signal("checkout")] };
  expect(verdictOf(judged(sound, both), both, 120_000).verdict).toBe("hold");
  expect(verdictOf(judged(sound, both), both, 600_000).why).toBe(
    "Not enough evidence in the time given; not settled: checkout.",
  );
});

test("on-harm: pause stops where it is, and a dry run only tells", () => {
  const pausing: JudgeSettings = { ...onlyErrors, onHarm: "pause" };
  expect(verdictOf(judged(broken), pausing, 2000)).toMatchObject({ verdict: "abort", action: "pause" });
  const dry: JudgeSettings = { ...onlyErrors, isDryRun: true };
  expect(verdictOf(judged(broken), dry, 2000)).toMatchObject({ verdict: "abort", action: "none" });
  expect(verdictOf(judged(sound), dry, 600_000)).toMatchObject({ verdict: "promote", action: "none" });
});

test("harm outranks soundness that was found before", () => {
  const state = judged([...sound, ...Array.from({ length: 3 }, (_, i) => second(121 + i, 10))]);
  expect(verdictOf(state, onlyErrors, 123_000).verdict).toBe("abort");
});

test("harm that was found stays found, whatever comes after", () => {
  const better = Array.from({ length: 100 }, (_, i) => second(i + 3, 0, 5));
  expect(verdictOf(judged([...broken, ...better]), onlyErrors, 110_000).verdict).toBe("abort");
});

test("a state that went through the journal goes on as if it had never left", () => {
  const draw = chance(7);
  const world = serving(even, { canary: 0.02, control: 0.01, slower: 1.1 });
  const ticks: Tick[] = Array.from({ length: 50 }, (_, i) => ({
    at: i * 1000,
    signals: world(i, draw),
    split: { expected: { a: 0.1, b: 0.9 }, counts: { a: 1, b: 9 } },
  }));
  const whole = judged(ticks, defaults);
  const half: Case = JSON.parse(JSON.stringify(judged(ticks.slice(0, 25), defaults)));
  const rest: Tick[] = JSON.parse(JSON.stringify(ticks.slice(25)));
  expect(rest.reduce((state, tick) => addTick(state, tick, defaults), half)).toEqual(whole);
});

test("a balancer that sends the canary another share than it was told makes the verdict inconclusive", () => {
  const routed = (canary: number): Tick[] =>
    sound.map((tick) => ({
      ...tick,
      split: { expected: { old: 0.95, canary: 0.05 }, counts: { old: 20 - canary, canary } },
    }));
  expect(verdictOf(judged(routed(1)), onlyErrors, 120_000).verdict).toBe("promote");
  for (const canary of [0, 10])
    expect(verdictOf(judged(routed(canary)), onlyErrors, 120_000)).toMatchObject({
      verdict: "inconclusive",
      action: "pause",
    });
  const afterwards = [...routed(1), ...routed(0).map((tick) => ({ ...tick, split: undefined }))];
  expect(verdictOf(judged(afterwards), onlyErrors, 240_000).verdict).toBe("promote");
});

test("new weights begin a new comparison of shares and keep the evidence of the release", () => {
  const step = (share: number, canary: number): Tick[] =>
    sound.slice(0, 40).map((tick) => ({
      ...tick,
      split: { expected: { old: 1 - share, canary: share }, counts: { old: 20 - canary, canary } },
    }));
  const state = judged([...step(0.05, 1), ...step(0.5, 10)]);
  expect(state.split?.counts).toEqual({ old: 400, canary: 400 });
  expect(state.signals["errors"]?.canary.total).toBe(800);
  expect(verdictOf(state, onlyErrors, 80_000).verdict).toBe("promote");
});

test("with nothing of the old release beside it, the canary is held against what the old one showed before", () => {
  const alone = withStandards(onlyErrors, { errors: { total: 3000, bad: 6 } });
  const lonely = (ticks: readonly Tick[]): Tick[] =>
    ticks.map(({ at, signals }) => ({
      at,
      signals: {
        errors: { canary: signals["errors"]?.canary ?? { total: 0, bad: 0 }, control: { total: 0, bad: 0 } },
      },
    }));
  const bad = verdictOf(judged(lonely(broken), alone), alone, 2000);
  expect([bad.verdict, bad.signals[0]?.control]).toEqual(["abort", null]);
  expect(explain(bad)[0]).toMatch(
    /^errors   new 10 of 20 \(50 %\), old 6 of 3,000 \(0.2 %\) before: worse, over a million to 1/,
  );
  expect(verdictOf(judged(lonely(sound), alone), alone, 120_000).verdict).toBe("promote");
});

const from = { at: 1000, settings: defaults, warmth: {} };

function asked(of: Partial<Observation> = {}): Observation {
  const at = of.at ?? 0;
  return { at, dueAt: at, arm: "canary", instance: "web-1", bad: { errors: false, slow: false }, ...of };
}

/** A second of `rate` requests to each arm; those of the canary between `from` and `to` fail, and end at `to` when they hang. */
function outage(rate: number, { from = 0, to = 1000, hangs = false }): Observation[] {
  return Array.from({ length: rate }, (_, i): Observation[] => {
    const dueAt = (i * 1000) / rate;
    const isMet = dueAt >= from && dueAt < to;
    const canary = asked({ dueAt, at: isMet && hangs ? to : dueAt, bad: { errors: isMet } });
    return [canary, asked({ dueAt, at: dueAt, arm: "control", instance: "web-2" })];
  }).flat();
}

test.each([20, 240, 1000])("a burst weighs about like one bad event at %d requests a second", (rate) => {
  for (const burst of [{ from: 300, to: 400 }, { hangs: true }]) {
    const observations = outage(rate, burst);
    const bad = observations.filter((one) => one.bad["errors"]).length;
    const { errors: table } = countTick(observations, from).tick.signals;
    expect(table).toMatchObject({ canary: { total: rate, bad }, control: { total: rate, bad: 0 } });
    expect(bad * (table?.weight ?? 0)).toBeLessThan(2);
  }
});

test.each([10, 120, 1000])("what is bad all the time counts in full at %d requests a second", (rate) => {
  expect(countTick(outage(rate, {}), from).tick.signals["errors"]?.weight).toBe(1);
  const scattered = outage(rate, {}).map((one, i) => ({ ...one, bad: { errors: i % 14 === 0 } }));
  expect(countTick(scattered, from).tick.signals["errors"]?.weight).toBe(1);
});

test("a burst takes from what speaks for harm or soundness, and nothing from what speaks against it", () => {
  const table = { canary: { total: 10, bad: 4 }, control: { total: 10, bad: 0 } };
  const after = (weight: number) => {
    const tick = { at: 1, signals: { errors: { ...table, weight } } };
    const { harm = [], safe = [] } = judged([tick]).signals["errors"] ?? {};
    return { harm: Math.max(...harm), safe: safe.flat() };
  };
  expect(after(0.25).harm).toBeLessThan(after(1).harm - 1);
  expect(after(0.25).safe).toEqual(after(1).safe);
  expect(Math.max(...after(1).safe)).toBeLessThan(0);
});

test("the first ten seconds and the first twenty requests of a process say nothing about its latency", () => {
  let warmth: Warmth = {};
  const totals: [number, number][] = [];
  for (let second = 0; second < 14; second++) {
    const requests = [0, 1].map((i) => asked({ at: second * 1000 + i }));
    const counted = countTick(requests, { ...from, warmth: JSON.parse(JSON.stringify(warmth)) });
    warmth = counted.warmth;
    const { errors, slow } = counted.tick.signals;
    totals.push([errors?.canary.total ?? -1, slow?.canary.total ?? -1]);
  }
  expect(totals.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => [2, 0]));
  expect(totals.slice(10)).toEqual(Array.from({ length: 4 }, () => [2, 2]));
  const rare = Array.from({ length: 22 }, (_, i) => asked({ at: i * 5000, instance: "web-3" }));
  expect(countTick(rare, from).tick.signals["slow"]?.canary.total).toBe(2);
  const busy = Array.from({ length: 30 }, (_, i) => asked({ at: i * 400, instance: "web-2" }));
  expect(countTick(busy, from).tick.signals["slow"]?.canary.total).toBe(5);
});

test("counters of a balancer become evidence: tries it repeated are bad, a restart begins anew, and all bad ones weigh like one", () => {
  const server = (name: string, requests: number, failed: number, repeated: readonly [number, number]) => ({
    service: "web",
    server: name,
    requests,
    failed,
    retries: repeated[0],
    redispatches: repeated[1],
  });
  const tick = tickOfCounters(
    [server("a", 100, 1, [0, 0]), server("b", 5000, 2, [0, 0])],
    [server("a", 110, 3, [3, 1]), server("b", 40, 1, [0, 0]), server("c", 900, 9, [9, 0])],
    { at: 1000, canary: ["a"], expected: { a: 0.2, b: 0.8 } },
  );
  expect(tick).toEqual({
    at: 1000,
    signals: { traffic: { canary: { total: 14, bad: 6 }, control: { total: 40, bad: 1 }, weight: 1 / 7 } },
    split: { expected: { a: 0.2, b: 0.8 }, counts: { a: 14, b: 40 } },
  });
});

test("a signal without traffic keeps nobody from promoting, and its harm counts all the same", () => {
  const both: JudgeSettings = { ...defaults, signals: [errors, traffic] };
  expect(verdictOf(judged(sound, both), both, 120_000).verdict).toBe("promote");
  const failed = {
    at: 1,
    signals: { traffic: broken[1]?.signals["errors"] ?? { canary: none, control: none } },
  };
  expect(verdictOf(judged([failed, ...sound], both), both, 120_000).verdict).toBe("abort");
});

test("slow is what the slowest tenth of the old release was, from 300 answers on", () => {
  const latencies = Array.from({ length: 300 }, (_, i) => 300 - i);
  expect(slowAboveMs(latencies)).toBe(270);
  expect(slowAboveMs(latencies.slice(1))).toBe(null);
});

test("a signal nobody asked for changes nothing", () => {
  const draw = chance(1);
  const tick = {
    at: 1,
    signals: {
      ...failing(even, 0, 0)(1, draw),
      other: { canary: { total: 9, bad: 9 }, control: { total: 9, bad: 0 } },
    },
  };
  expect(Object.keys(judged([tick]).signals)).toEqual(["errors"]);
});
