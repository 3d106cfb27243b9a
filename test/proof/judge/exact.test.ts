import { describe, expect, test } from "vitest";
import { boundsOf } from "../../../src/proof/judge/bound.ts";
import { addTable, noEvidence } from "../../../src/proof/judge/evidence.ts";
import { lnConditional } from "../../../src/proof/judge/hypergeometric.ts";
import { lnChoose, lnFactorial } from "../../../src/proof/judge/logarithm.ts";
import { ruleOf } from "../../../src/proof/judge/rule.ts";
import { defaults, errors, slow } from "../../../src/proof/judge/settings.ts";
import { withStandards } from "../../../src/proof/judge/standard.ts";
import type { Table } from "../../../src/proof/judge/tick.ts";

const exactly = 1 + 1e-11;

function* margins(most: number): Generator<{ canary: number; control: number; events: number }> {
  for (let canary = 1; canary <= most; canary++)
    for (let control = 1; control <= most; control++)
      for (let events = 0; events <= canary + control; events++) yield { canary, control, events };
}

function tables(margin: { canary: number; control: number; events: number }): Table[] {
  const found: Table[] = [];
  for (let bad = 0; bad <= margin.events; bad++) {
    if (bad > margin.canary || margin.events - bad > margin.control) continue;
    found.push({
      canary: { total: margin.canary, bad },
      control: { total: margin.control, bad: margin.events - bad },
    });
  }
  return found;
}

/** The highest mean, over all margins, of a likelihood ratio when the odds ratio is truly `oddsRatio`. */
function highestMean(oddsRatio: number, lnRatio: (table: Table) => number): number {
  let highest = 0;
  for (const margin of margins(10)) {
    let mean = 0;
    for (const table of tables(margin))
      mean += Math.exp(only(lnConditional(table, [oddsRatio])) + lnRatio(table));
    highest = Math.max(highest, mean);
  }
  return highest;
}

describe("over all tables of up to ten requests in each arm", () => {
  test("the probabilities of the canary's bad events sum to 1, and are those of Fisher's test", () => {
    for (const margin of margins(10)) {
      let sum = 0;
      for (const table of tables(margin)) {
        sum += Math.exp(only(lnConditional(table, [3])));
        const { canary, control } = table;
        const central =
          (choose(canary.total, canary.bad) * choose(control.total, control.bad)) /
          choose(canary.total + control.total, margin.events);
        expect(Math.exp(only(lnConditional(table, [1])))).toBeCloseTo(central, 12);
      }
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  test.each([errors, slow])(
    "evidence of harm has mean 1 at most while the canary is no worse ($name)",
    (signal) => {
      const rule = ruleOf(defaults, signal);
      for (const oddsRatio of [0.2, 0.7, 1, signal.tolerated])
        for (const way of [0, 1, 2])
          expect(highestMean(oddsRatio, (table) => rule.ratios(table).harm[way] ?? 0)).toBeLessThanOrEqual(
            exactly,
          );
      expect(highestMean(4, (table) => rule.ratios(table).harm[1] ?? 0)).toBeGreaterThan(1.5);
    },
  );

  test("evidence of soundness has mean 1 at most while the canary is harmful", () => {
    const rule = ruleOf(defaults, errors);
    for (const oddsRatio of [3, 5, 25])
      expect(highestMean(oddsRatio, (table) => rule.ratios(table).safe[0]?.[0] ?? 0)).toBeLessThanOrEqual(
        exactly,
      );
    expect(highestMean(1, (table) => rule.ratios(table).safe[0]?.[0] ?? 0)).toBeGreaterThan(1.2);
  });

  test("so has evidence from the canary's share alone", () => {
    const beside = ruleOf(defaults, errors);
    const alone = ruleOf(withStandards(defaults, { errors: { total: 500, bad: 10 } }), errors);
    const standard = withStandards(defaults, { errors: { total: 500, bad: 10 } }).standards?.["errors"];
    const mean = (total: number, share: number, lnRatio: (table: Table) => number): number => {
      let sum = 0;
      for (let bad = 0; bad <= total; bad++) {
        const table = { canary: { total, bad }, control: { total: 0, bad: 0 } };
        sum += choose(total, bad) * share ** bad * (1 - share) ** (total - bad) * Math.exp(lnRatio(table));
      }
      return sum;
    };
    const { tolerated, harmful } = standard ?? { tolerated: 0, harmful: 0 };
    for (let total = 1; total <= 10; total++)
      for (const way of [0, 1, 2]) {
        for (const share of [0.01, 0.02, 0.3])
          expect(mean(total, share, (table) => beside.ratios(table).safe[1]?.[way] ?? 0)).toBeLessThanOrEqual(
            exactly,
          );
        for (const share of [harmful, 0.3, 0.8])
          expect(mean(total, share, (table) => alone.ratios(table).safe[0]?.[way] ?? 0)).toBeLessThanOrEqual(
            exactly,
          );
        for (const share of [0.001, 0.02, tolerated])
          expect(mean(total, share, (table) => alone.ratios(table).harm[way] ?? 0)).toBeLessThanOrEqual(
            exactly,
          );
      }
  });
});

test("evidence of harm is the average over every second in which the harm may have begun", () => {
  const rule = ruleOf(defaults, errors);
  const quiet: Table = { canary: { total: 5, bad: 0 }, control: { total: 5, bad: 1 } };
  const loud: Table = { canary: { total: 5, bad: 4 }, control: { total: 5, bad: 0 } };
  const silent: Table = { canary: { total: 5, bad: 0 }, control: { total: 5, bad: 0 } };
  const seen = [quiet, silent, quiet, loud, loud];
  let evidence = noEvidence(rule);
  for (const table of seen) evidence = addTable(evidence, table, rule);
  const told = seen.filter((table) => table !== silent).map((table) => rule.ratios(table).harm);
  let expected = 0.25 / (told.length + 1);
  told.forEach((_, begin) => {
    const belief = (begin === 0 ? 0.75 : 0) + 0.25 / ((begin + 1) * (begin + 2));
    for (const way of [0, 1, 2])
      expected +=
        (belief / 3) * Math.exp(told.slice(begin).reduce((sum, ratios) => sum + (ratios[way] ?? 0), 0));
  });
  expect(Math.exp(evidence.peak.harm)).toBeCloseTo(expected, 9);
  expect(evidence.informative).toBe(4);
});

test("factorials of any size are exact to the last digits", () => {
  let ln = 0;
  for (let n = 1; n <= 100_000; n++) {
    ln += Math.log(n);
    if (n === 255 || n === 256 || n === 1000 || n === 100_000) expect(lnFactorial(n) / ln).toBeCloseTo(1, 11);
  }
  expect(Math.exp(lnChoose(300, 2))).toBeCloseTo(44_850, 4);
});

test("bounds of a share are those of Clopper and Pearson", () => {
  expect(boundsOf({ total: 300, bad: 0 }, 0.05)).toEqual({
    lower: 0,
    upper: expect.closeTo(1 - 0.05 ** (1 / 300), 9),
  });
  expect(boundsOf({ total: 20, bad: 20 }, 0.05)).toEqual({
    lower: expect.closeTo(0.05 ** (1 / 20), 9),
    upper: 1,
  });
  const { lower, upper } = boundsOf({ total: 100, bad: 10 }, 0.025);
  expect([lower.toFixed(4), upper.toFixed(4)]).toEqual(["0.0490", "0.1762"]);
});

function only(values: readonly number[]): number {
  return values[0] ?? Number.NaN;
}

function choose(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}
