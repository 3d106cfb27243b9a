import { describe, expect, test } from "vitest";
import { settingsAlone } from "../../../src/proof/judge/canary.ts";
import { defaults, errors, type JudgeSettings, slow, traffic } from "../../../src/proof/judge/settings.ts";
import { type Asked, runAsked, type Way } from "../../proof/judge/answers.ts";
import { type Rates, rates } from "../../proof/judge/simulate.ts";

const patient: JudgeSettings = {
  ...defaults,
  signals: [errors, traffic, slow],
  minMs: 0,
  maxMs: Number.MAX_SAFE_INTEGER,
  coldMs: 0,
};
const peeking: JudgeSettings = { ...patient, minMs: Number.MAX_SAFE_INTEGER };
const healthy: Way = { failing: 0.0005 };

/** As many as half a minute of a core has time for: the product's path counts every answer by itself. */
const runsAt: Readonly<Record<number, number>> = { 20: 2000, 240: 600, 2000: 120 };

function simulate(what: string, asked: Asked, settings: JudgeSettings, seconds: number): Rates {
  const runs = runsAt[asked.rate] ?? 0;
  const seen = rates((seed) => runAsked(asked, settings, { seed, seconds }), runs);
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`.padStart(8);
  console.log(
    `${`${asked.rate}/s`.padStart(6)} ${what.padEnd(50)} abort ${percent(seen.abort)} promote ${percent(seen.promote)} neither ${percent(seen.inconclusive)}  ${seen.median}/${seen.p95} requests, p95 ${seen.p95Seconds} s`,
  );
  return seen;
}

/** The judge looks once a second, so its bounds in canary requests are as many seconds, rounded up. */
describe.each([
  { rate: 20, peeks: 20 },
  { rate: 240, peeks: 4 },
  { rate: 2000, peeks: 2 },
])("the judge's own requests at $rate a second, as the product counts them", ({ rate, peeks }) => {
  const secondsFor = (requests: number): number => Math.ceil((2 * requests) / rate);

  test("a healthy canary is promoted in at most 1,400 of its requests", () => {
    const seen = simulate("healthy", { rate, canary: healthy, control: healthy }, patient, secondsFor(6000));
    expect(seen.abort).toBeLessThanOrEqual(0.01);
    expect(seen.promote).toBeGreaterThanOrEqual(0.99);
    expect(seen.p95Seconds).toBeLessThanOrEqual(secondsFor(1400));
  });

  test.each<[string, Way, Way, number]>([
    ["every request fails", { failing: 1 }, healthy, 20],
    ["1 % -> 5 % errors", { failing: 0.05 }, { failing: 0.01 }, 1300],
    ["latency x2", { slower: 2 }, {}, 240],
    ["latency x1.5", { slower: 1.5 }, {}, 900],
  ])("a harmful one is aborted and never promoted: %s", (what, canary, control, requests) => {
    const seen = simulate(what, { rate, canary, control }, patient, secondsFor(6000));
    expect(seen.abort).toBeGreaterThanOrEqual(0.99);
    expect(seen.promote).toBeLessThanOrEqual(0.01);
    expect(seen.p95Seconds).toBeLessThanOrEqual(secondsFor(requests));
  });

  test.each<[string, Way]>([
    ["1 % errors", { failing: 0.01 }],
    ["one second in five a pause of 1.5 s", { stops: { share: 0.2, forMs: 1500, isFailing: false } }],
    ["one second in ten 100 ms of errors", { stops: { share: 0.1, forMs: 100, isFailing: true } }],
  ])("one that is no worse is aborted in 1 of 100 at most, however long one looks: %s", (what, way) => {
    const seen = simulate(`no worse, ${what}`, { rate, canary: way, control: way }, peeking, peeks);
    expect(seen.abort).toBeLessThanOrEqual(0.01);
  });

  test("in bake time, with nothing of the old release beside it, harm is found and health is not taken for harm", () => {
    const stage = { rate, canary: healthy, control: healthy };
    const { known } = runAsked(stage, peeking, { seed: 1, seconds: secondsFor(1000) });
    const alone = settingsAlone(peeking, known.case);
    const baked = (what: string, canary: Way, seconds: number): Rates =>
      simulate(`bake, ${what}`, { rate, canary, control: null }, alone, seconds);
    expect(baked("healthy", healthy, peeks).abort).toBeLessThanOrEqual(0.01);
    for (const [what, way, requests] of [
      ["5 % errors", { failing: 0.05 }, 1000],
      ["20 % errors", { failing: 0.2 }, 200],
      ["latency x2", { slower: 2 }, 300],
    ] as const) {
      const seen = baked(what, way, secondsFor(6000));
      expect(seen.abort).toBeGreaterThanOrEqual(0.99);
      expect(seen.p95Seconds).toBeLessThanOrEqual(secondsFor(requests));
    }
  });
});
