import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { load, mixedLanes } from "../../e2e/bare.ts";
import { median } from "../../bench/record.ts";
import { routing, untilSessions, type Bed } from "./bed.ts";
import { hiddenFailures } from "./counters.ts";
import { lost, switchTimes, watchAnswers } from "./watch.ts";

const blue = routing([1, 0, 0]);
const green = routing([0, 1, 0]);
const switches = 20;
/** Requests between two switches, so that every one of them meets traffic on both kinds of connection. */
const betweenMs = 100;

export function describeSwitches(get: () => Bed, name: string): void {
  test(`${switches} switches under strict load lose nothing, and nothing was tried again`, async () => {
    const bed = get();
    await bed.balancer.write(blue);
    const hiddenBefore = await hiddenFailures(bed);
    const prober = await load(bed.port, mixedLanes(400));
    await delay(betweenMs);
    const tookMs: number[] = [];
    for (let i = 0; i < switches; i += 1) {
      const startedAt = performance.now();
      await bed.balancer.write(i % 2 === 0 ? green : blue);
      tookMs.push(performance.now() - startedAt);
      if (bed.driver.abilities.hasSessions) await untilSessions(bed, i % 2 === 0 ? "app1" : "app2", 0);
      await delay(betweenMs);
    }
    const result = await prober.stop();
    const hidden = (await hiddenFailures(bed)) - hiddenBefore;
    const { sent, failed, longestGapMs } = result.total;
    console.log(
      `${name}: ${switches} switches, ${sent} requests, ${failed} lost, ${hidden} tried again, ` +
        `longest gap ${longestGapMs?.toFixed(1)} ms, write() ${median(tookMs).toFixed(1)} ms`,
    );
    expect(result.failures).toEqual([]);
    expect(sent).toBeGreaterThan(switches * 20);
    expect(result.versions.map(({ version }) => version).sort()).toEqual(["app1", "app2"]);
    expect(hidden).toBe(0);
  });

  test("after write() nothing new goes to the old server, and the new one answers at once", async () => {
    const bed = get();
    const [first, last, done]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < 10; i += 1) {
      const [from, to] = i % 2 === 0 ? (["app1", "app2"] as const) : (["app2", "app1"] as const);
      await bed.balancer.write(from === "app1" ? blue : green);
      const watch = watchAnswers(bed.url);
      await delay(50);
      const startedAt = performance.now();
      await bed.balancer.write(to === "app1" ? blue : green);
      done.push(performance.now() - startedAt);
      await delay(50);
      const seen = await watch.stop();
      expect(seen.filter(({ app }) => app === lost)).toEqual([]);
      const times = switchTimes(seen, { from, to, startedAt });
      first.push(times.firstMs);
      last.push(times.lastMs);
      const late = seen.filter((one) => one.app === from && one.startAt > startedAt + (done.at(-1) ?? 0));
      expect(late).toEqual([]);
    }
    console.log(
      `${name}: from write() to the first answer of green ${median(first).toFixed(1)} ms (most ${Math.max(...first).toFixed(1)}), ` +
        `to the last of blue ${median(last).toFixed(1)} ms (most ${Math.max(...last).toFixed(1)}), ` +
        `write() itself ${median(done).toFixed(1)} ms`,
    );
    expect(Math.max(...first)).toBeLessThan(5000);
  });
}
