import { expect, test } from "vitest";
import { countTick, type Observation } from "../../../src/proof/judge/observation.ts";
import { defaults, errors, type JudgeSettings } from "../../../src/proof/judge/settings.ts";
import { withStandards } from "../../../src/proof/judge/standard.ts";
import { thresholdRule } from "../../proof/judge/threshold.ts";
import {
  even,
  failing,
  rates,
  runCanary,
  serving,
  tenth,
  type Traffic,
  type Rates,
  type World,
} from "../../proof/judge/simulate.ts";

/** Seeded, so that the figures are the same on every machine. */
const runs = 2000;
const patient: JudgeSettings = { ...defaults, minMs: 0, maxMs: Number.MAX_SAFE_INTEGER };
const errorsOnly: JudgeSettings = { ...patient, signals: [errors] };
const peeking: JudgeSettings = { ...patient, minMs: Number.MAX_SAFE_INTEGER };

function simulate(world: World, settings: JudgeSettings, seconds = 1500): Rates {
  return rates((seed) => runCanary(world, settings, { seed, seconds }), runs);
}

const told: string[] = [];

function tell(what: string, { abort, promote, inconclusive, median, p95 }: Rates): void {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`.padStart(8);
  told.push(
    `${what.padEnd(64)} abort ${percent(abort)} promote ${percent(promote)} neither ${percent(inconclusive)}  ${median}/${p95} requests`,
  );
  console.log(told.at(-1));
}

/** Of the method as it was worked out: within 15 % of it, or a second of ten requests. */
function expectMedian({ median }: Rates, known: number): void {
  expect(Math.abs(median - known)).toBeLessThanOrEqual(Math.max(10, known * 0.15));
}

test.each<[string, World, JudgeSettings]>([
  ["errors 0.1 %, 10/10", failing(even, 0.001, 0.001), errorsOnly],
  [
    "errors 0.05 % and latency, 10/10",
    serving(even, { canary: 0.0005, control: 0.0005, slower: 1 }),
    patient,
  ],
  [
    "errors 0.05 % and latency, 10/90",
    serving(tenth, { canary: 0.0005, control: 0.0005, slower: 1 }),
    patient,
  ],
])("a healthy canary is promoted in at most 1,400 requests: %s", (what, world, settings) => {
  const seen = simulate(world, settings);
  tell(`healthy, ${what}`, seen);
  expect(seen.abort).toBeLessThanOrEqual(0.01);
  expect(seen.promote).toBeGreaterThanOrEqual(0.99);
  expect(seen.p95).toBeLessThanOrEqual(1400);
  expectMedian(seen, 640);
});

test.each<[string, World, JudgeSettings]>([
  ["1 % errors, 10/10", failing(even, 0.01, 0.01), { ...errorsOnly, minMs: peeking.minMs }],
  ["5 % errors, 10/10", failing(even, 0.05, 0.05), { ...errorsOnly, minMs: peeking.minMs }],
  ["1 % errors and latency, 10/90", serving(tenth, { canary: 0.01, control: 0.01, slower: 1 }), peeking],
  ["both arms three times slower", serving(even, { canary: 0, control: 0, slower: 1, both: 3 }), peeking],
  [
    "a brown-out: one request in ten fails in both arms for 30 s",
    (second, draw) => {
      const share = second > 20 && second <= 50 ? 0.1 : 0.001;
      return failing(even, share, share)(second, draw);
    },
    { ...errorsOnly, minMs: peeking.minMs },
  ],
])(
  "looking every second for long aborts a canary that is no worse in 1 of 100 at most: %s",
  (what, world, settings) => {
    const seen = simulate(world, settings, 100);
    tell(`no worse, ${what}`, seen);
    expect(seen.abort).toBeLessThanOrEqual(0.01);
  },
);

test.each<[string, World, JudgeSettings, { readonly p95: number; readonly median: number }]>([
  ["every request fails", failing(even, 1, 0.001), patient, { p95: 20, median: 10 }],
  [
    "every request fails, 2 requests a second to each",
    failing({ canary: 2, control: 2 }, 1, 0),
    patient,
    { p95: 20, median: 10 },
  ],
  ["20 % fail", failing(even, 0.2, 0), errorsOnly, { p95: 80, median: 40 }],
  [
    "5 % fail, one in a thousand of the old",
    failing(even, 0.05, 0.001),
    errorsOnly,
    { p95: 380, median: 190 },
  ],
  ["1 % -> 5 % errors, 10/10", failing(even, 0.05, 0.01), errorsOnly, { p95: 860, median: 320 }],
  [
    "1 % -> 5 % errors and latency, 10/90",
    serving(tenth, { canary: 0.05, control: 0.01, slower: 1 }),
    patient,
    { p95: 480, median: 180 },
  ],
  [
    "latency x2, 10/10",
    serving(even, { canary: 0, control: 0, slower: 2 }),
    patient,
    { p95: 100, median: 40 },
  ],
  [
    "latency x2, 10/90",
    serving(tenth, { canary: 0, control: 0, slower: 2 }),
    patient,
    { p95: 60, median: 20 },
  ],
  [
    "latency x1.5, 10/10",
    serving(even, { canary: 0, control: 0, slower: 1.5 }),
    patient,
    { p95: 460, median: 160 },
  ],
])("a harmful canary is aborted: %s", (what, world, settings, { p95, median }) => {
  const seen = simulate(world, settings);
  tell(`harmful, ${what}`, seen);
  expect(seen.abort).toBeGreaterThanOrEqual(0.99);
  expect(seen.promote).toBeLessThanOrEqual(0.01);
  expect(seen.p95).toBeLessThanOrEqual(p95);
  expectMedian(seen, median);
});

test("five times the errors, exactly at the floor of one in a hundred, are promoted in 1 of 100 at most", () => {
  const seen = simulate(failing(even, 0.01, 0.002), errorsOnly);
  tell("harmful, 0.2 % -> 1 % errors (at the floor)", seen);
  expect(seen.promote).toBeLessThanOrEqual(0.01);
  expectMedian(seen, 1580);
});

test("a crash after 30 quiet seconds, and a leak that makes it slower and slower, are found although all was well", () => {
  const crash: World = (second, draw) =>
    serving(even, { canary: second > 30 ? 1 : 0.001, control: 0.001, slower: 1 })(second, draw);
  const crashed = simulate(crash, { ...patient, minMs: 60_000 });
  tell("crash after 30 s, least time 60 s", crashed);
  expect(crashed.abort).toBeGreaterThanOrEqual(0.99);
  expect(crashed.p95).toBeLessThanOrEqual(320);
  const leak: World = (second, draw) =>
    serving(even, { canary: 0, control: 0, slower: second < 60 ? 1 : 1 + (second - 60) / 30 })(second, draw);
  const leaked = simulate(leak, { ...patient, minMs: 300_000 });
  tell("latency grows from the 60th second on, x2 at 90 s", leaked);
  expect(leaked.abort).toBeGreaterThanOrEqual(0.99);
  expect(leaked.p95).toBeLessThanOrEqual(950);
});

/** Ten requests of each arm answered well, and one second in twenty a client whose requests fail in a row. */
function bursts(traffic: Traffic, isWeighed: boolean): World {
  const canaryShare = traffic.canary / (traffic.canary + traffic.control);
  const armAt = (draw: () => number): Observation["arm"] => (draw() < canaryShare ? "canary" : "control");
  const asked = (arm: Observation["arm"], at: number, isBad: boolean): Observation => {
    return { at, dueAt: at, arm, instance: arm, bad: { errors: isBad } };
  };
  return (_, draw) => {
    const good = (["canary", "control"] as const).flatMap((arm) =>
      Array.from({ length: traffic[arm] }, (_one, i) => asked(arm, (i * 1000) / traffic[arm], false)),
    );
    const failed: Observation[] = [];
    if (draw() < 0.05) {
      const at = draw() * 1000;
      let arm = armAt(draw);
      do {
        if (draw() < 0.2) arm = armAt(draw);
        failed.push(asked(arm, at, true));
      } while (draw() < 0.8);
    }
    const { tick } = countTick([...good, ...failed], { at: 0, warmth: {}, settings: errorsOnly });
    const table = tick.signals["errors"];
    return table === undefined ? {} : { errors: isWeighed ? table : { ...table, weight: 1 } };
  };
}

test.each([even, tenth])(
  "bursts of one client are no harm once each weighs like one error: $canary beside $control",
  (traffic) => {
    const settings = { ...errorsOnly, minMs: peeking.minMs };
    const weighed = simulate(bursts(traffic, true), settings, 100);
    tell(`no worse, bursts of 5, weighed like one, ${traffic.canary}/${traffic.control}`, weighed);
    expect(weighed.abort).toBeLessThanOrEqual(0.01);
    const naive = simulate(bursts(traffic, false), settings, 100);
    tell(`no worse, bursts of 5, every error counted, ${traffic.canary}/${traffic.control}`, naive);
    expect(naive.abort).toBeGreaterThan(0.05);
  },
);

test("with nothing to compare with, what was measured before does", () => {
  const measured = { errors: { total: 2000, bad: 4 }, slow: { total: 2000, bad: 200 } };
  const alone = withStandards(patient, measured);
  const nobody = { canary: 10, control: 0 };
  const healthy = simulate(serving(nobody, { canary: 0.002, control: 0, slower: 1 }), alone);
  tell("alone: healthy", healthy);
  expect(healthy.abort).toBeLessThanOrEqual(0.01);
  expect(healthy.promote).toBeGreaterThanOrEqual(0.99);
  const failingAll = simulate(serving(nobody, { canary: 1, control: 0, slower: 1 }), alone);
  tell("alone: every request fails", failingAll);
  expect(failingAll).toMatchObject({ abort: 1, p95: 10 });
  for (const [what, world] of [
    ["0.2 % -> 5 % errors", serving(nobody, { canary: 0.05, control: 0, slower: 1 })],
    ["latency x2", serving(nobody, { canary: 0.002, control: 0, slower: 2 })],
  ] as const) {
    const harmful = simulate(world, alone);
    tell(`alone: ${what}`, harmful);
    expect(harmful.abort).toBeGreaterThanOrEqual(0.99);
    expect(harmful.p95).toBeLessThanOrEqual(500);
  }
});

test("the usual rule, 99 % success and three failed windows, does not pass this test", () => {
  const usual = (world: World): Rates => rates((seed) => thresholdRule(world, { seed, seconds: 600 }), runs);
  const equal = usual(failing(even, 0.01, 0.01));
  tell("usual rule: no worse, 1 % errors", equal);
  expect(equal.abort).toBeGreaterThan(0.5);
  const seen = simulate(failing(even, 0.01, 0.01), { ...errorsOnly, minMs: peeking.minMs }, 300);
  expect(seen.abort).toBeLessThanOrEqual(0.01);
});
