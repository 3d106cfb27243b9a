import { describe, expect, test } from "vitest";
import type { Load } from "../../src/proof/load.ts";
import { summarise } from "../../src/proof/summary.ts";
import {
  beginWindow,
  createTally,
  endRun,
  endWindow,
  record,
  recordLag,
  type Sample,
} from "../../src/proof/tally.ts";
import { chance, lognormal } from "./judge/chance.ts";
import { replay, type Seen } from "./replay.ts";
import { wholeRun } from "./whole-run.ts";

const load: Load = {
  url: "http://shop.example.com/",
  timeoutMs: 5000,
  lanes: ["kept", "fresh", "stream", "never used"].map((name) => ({
    kind: "requests",
    name,
    connection: "fresh",
    loop: { kind: "open", ratePerSecond: 25 },
  })),
};
const failures = ["refused", "reset", "timeout", "5xx"] as const;

/** A run with windows, outages, slow answers, streams as long as the run, and answers after its end. */
function randomRun(seed: number, seconds: number, perSecond: number): Seen {
  const draw = chance(seed);
  const durationMs = seconds * 1000 * (0.9 + draw() / 10);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
  const borders = Array.from({ length: Math.floor(draw() * 6) }, () => draw() * durationMs).sort(
    (a, b) => a - b,
  );
  const windows = borders.flatMap((fromMs, i) =>
    i % 2 === 0 ? [{ name: `window ${i}`, fromMs, toMs: borders[i + 1] ?? null }] : [],
  );
  const samples = Array.from({ length: Math.floor(seconds * perSecond) }, (_, i): Sample => {
    const isStream = draw() < 0.01;
    const dueMs = Math.min(durationMs, (i + draw()) * (1000 / perSecond));
    const tookMs = draw() < 0.03 ? draw() * 5000 : 4 * lognormal(draw, 0.7);
    const endMs = dueMs + (isStream ? draw() * (durationMs - dueMs) : tookMs);
    const isLost = draw() < (Math.floor(dueMs / 4000) % 5 === 3 ? 0.7 : 0.002);
    const version = draw() < 0.9 ? pick(["1", "2", "3"]) : undefined;
    return {
      lane: isStream ? "stream" : pick(["kept", "fresh"]),
      dueMs,
      endMs,
      isTimed: !isStream,
      version,
      ...(isLost ? { failure: pick(failures), detail: "it went wrong" } : {}),
    };
  });
  const lags = samples.map(({ dueMs }) => ({ dueMs, lateMs: lognormal(draw, 1) }));
  return { durationMs, samples, lags, windows };
}

describe("what is kept of a run", () => {
  test.each(Array.from({ length: 10 }, (_, i) => i))("is worth every sample of it (run %i)", (seed) => {
    const seen = randomRun(seed, 3 + 3 * seed, 30);
    expect(replay(seen, load)).toMatchObject(wholeRun(seen, load, 1000));
  });

  test.each([
    ["of a quarter of an hour, second by second", 899, 1000],
    ["of twenty minutes", 1200, 5000],
    ["of a day", 86_400, 300_000],
    ["of a week", 7 * 86_400, 3_600_000],
  ])("%s is in slots as long as it needs", (_what, seconds, slotMs) => {
    const seen = randomRun(seconds, seconds, 6000 / seconds);
    const result = replay(seen, load);
    expect(result).toMatchObject(wholeRun(seen, load, slotMs));
    expect(result.seconds.length).toBeLessThanOrEqual(900);
  });

  test("takes no more place for a day than for an hour", () => {
    const sizes = [3600, 86_400].map((seconds) => {
      const tally = createTally();
      for (let second = 0; second < seconds; second++) {
        const dueMs = second * 1000;
        const told = { failure: "reset", detail: "cut" } as const;
        record(tally, {
          lane: "kept",
          dueMs,
          endMs: dueMs + 3,
          isTimed: true,
          version: `v${second}`,
          ...told,
        });
        recordLag(tally, dueMs, 0.2);
      }
      const size = thingsIn(tally);
      endRun(tally, seconds * 1000);
      return { size, text: JSON.stringify(summarise(tally, load)).length };
    });
    expect(Math.max(...sizes.map(({ size }) => size))).toBeLessThan(20_000);
    expect(Math.max(...sizes.map(({ text }) => text))).toBeLessThan(200_000);
  });

  test("names the version behind each window, however many there were before", () => {
    const tally = createTally();
    const reloads = 100;
    for (let n = 1; n <= reloads; n += 1) {
      beginWindow(tally, `reload ${n}`, 10 * n);
      endWindow(tally, 10 * n + 5);
      record(tally, { lane: "kept", dueMs: 10 * n + 6, endMs: 10 * n + 7, version: `v${n}`, isTimed: true });
    }
    endRun(tally, 10_000);
    const { windows } = summarise(tally, load);
    expect(windows.map(({ versionsAfter }) => versionsAfter)).toEqual(
      Array.from({ length: reloads }, (_, n) => [`v${n + 1}`]),
    );
  });

  test("knows of no gap where only what lasts on purpose was sent, whatever was lost of it", () => {
    const long = (dueMs: number): Sample => ({ lane: "stream", dueMs, endMs: dueMs + 1000, isTimed: false });
    const samples = [long(0), { ...long(500), failure: "reset" as const }, long(1000), long(1500)];
    const lost = { lane: "kept", dueMs: 100, endMs: 101, failure: "refused", isTimed: true } as const;
    const run = { durationMs: 3000, lags: [], windows: [] };
    const [stream] = replay({ ...run, samples }, load).lanes.filter(({ lane }) => lane === "stream");
    expect(stream).toMatchObject({ sent: 4, failed: 1, longestGapMs: null });
    expect(replay({ ...run, samples: [lost] }, load).total.longestGapMs).toBe(3000);
  });

  test("notes the first failures before, in and after a deployment, and counts all of them", () => {
    const samples = Array.from({ length: 300 }, (_, i): Sample => {
      const dueMs = i * 10;
      return { lane: "kept", dueMs, endMs: dueMs + 1, isTimed: true, failure: "reset", detail: `no ${i}` };
    });
    const windows = [{ name: "deployment", fromMs: 1000, toMs: 2000 }];
    const result = replay({ durationMs: 3000, samples, lags: [], windows }, load);
    expect(result.total.failedBy).toEqual({ reset: 300 });
    const first = [0, 100, 200].flatMap((from) => Array.from({ length: 20 }, (_, i) => `no ${from + i}`));
    expect(result.failures.map(({ detail }) => detail)).toEqual(first);
  });
});

/** Elements of every list and map that it holds. */
function thingsIn(thing: unknown): number {
  if (thing instanceof Map) return thingsIn([...thing.values()]);
  if (typeof thing !== "object" || thing === null) return 1;
  return Object.values(thing).reduce((sum: number, one) => sum + thingsIn(one), 1);
}
