import { describe, expect, test } from "vitest";
import type { Load } from "../../src/proof/load.ts";
import { maskedBetween, proofOf, type Circumstances, type Proof } from "../../src/proof/proof.ts";
import { proofSvg } from "../../src/proof/svg.ts";
import type { Sample } from "../../src/proof/tally.ts";
import { replay } from "./replay.ts";

const load: Load = {
  url: "http://shop.example.com/",
  timeoutMs: 1000,
  lanes: ["kept", "fresh"].map((name) => ({
    kind: "requests",
    name,
    connection: name === "kept" ? "keep-alive" : "fresh",
    loop: { kind: "open", ratePerSecond: 50 },
  })),
};

const about: Circumstances = {
  deployment: "d-1",
  url: load.url,
  serves: "2",
  isEnded: true,
  balancer: null,
  maxLagMs: 25,
};

/** Nine seconds, 100 requests in each, the deployment from the 3rd to the 6th, the switch after 4. */
function prove(
  change: (sample: Sample) => Partial<Sample> = () => ({}),
  more: Partial<Circumstances> = {},
  late: number | ((dueMs: number) => number) = 0.4,
): Proof {
  const samples: Sample[] = [];
  const lags: { dueMs: number; lateMs: number }[] = [];
  for (let i = 0; i < 900; i++) {
    const dueMs = i * 10;
    const lane = i % 2 === 0 ? "kept" : "fresh";
    const sample: Sample = {
      lane,
      dueMs,
      endMs: dueMs + 2,
      isTimed: true,
      version: dueMs < 4000 ? "1" : "2",
    };
    samples.push({ ...sample, ...change(sample) });
    const lateMs = typeof late === "number" ? late : late(dueMs);
    lags.push({ dueMs, lateMs: dueMs >= 3000 && dueMs < 6000 ? lateMs : 0.1 });
  }
  const windows = [{ name: "deploy", fromMs: 3000, toMs: 6000 }];
  return proofOf(replay({ durationMs: 9000, samples, lags, windows }, load), { ...about, ...more });
}

test("nothing lost: it holds, and says what that is worth", () => {
  const proof = prove();
  expect(proof).toMatchObject({ verdict: "holds", oldAnswers: 0, before: { failed: 0 }, resolutionMs: 20 });
  expect(proof.reasons).toEqual([
    "None of 301 requests was lost during the deployment, which is under 1 % with 95 % confidence; an outage longer than 20 ms would have shown.",
  ]);
  expect(proof.lanes.map(({ lane, sent }) => [lane, sent])).toEqual([
    ["kept", 151],
    ["fresh", 150],
  ]);
  expect(proof.seconds.map(({ versions }) => versions)).toEqual([
    ...[0, 1, 2, 3].map(() => ({ "1": 100 })),
    ...[4, 5, 6, 7, 8].map(() => ({ "2": 100 })),
  ]);
});

test.each([3500, 6500])("one request lost, due after %i ms, breaks it", (at) => {
  const proof = prove(({ dueMs }) => (dueMs === at ? { failure: "reset", version: undefined } : {}));
  expect(proof.verdict).toBe("broken");
  expect(proof.reasons[0]).toMatch(/^1 of 60\d requests were lost\.$/);
  expect(proof.failures).toMatchObject([{ lane: "kept", dueMs: at, failure: "reset" }]);
});

test("a request that was due before the change and lost during it belongs to the deployment", () => {
  const proof = prove(({ dueMs }) => (dueMs === 2990 ? { failure: "timeout", endMs: 3990 } : {}));
  expect([proof.verdict, proof.during.failed, proof.before.failed]).toEqual(["broken", 1, 0]);
});

test("what was lost before anything was changed is told, and breaks nothing", () => {
  const proof = prove(({ dueMs }) => (dueMs === 1000 ? { failure: "5xx" } : {}));
  expect(proof.verdict).toBe("holds");
  expect(proof.reasons.at(-1)).toBe("Lost before anything was changed: 1 of 300.");
});

test("tries that the balancer repeated are no proof of zero downtime, though no client lost anything", () => {
  const proof = prove(undefined, { balancer: { retries: 37, redispatches: 12 } });
  expect(proof.verdict).toBe("masked");
  expect(proof.reasons[0]).toBe(
    "The balancer tried again 37 times on the same server and 12 times on another: failures that it hid from the clients.",
  );
});

test("an answer of the old release after the end breaks it", () => {
  const proof = prove(({ dueMs }) => (dueMs === 8000 ? { version: "1" } : {}));
  expect([proof.verdict, proof.oldAnswers]).toEqual(["broken", 1]);
  const undone = prove(({ dueMs }) => (dueMs > 5000 ? { version: "1" } : {}), { serves: "1" });
  expect([undone.verdict, undone.oldAnswers]).toEqual(["holds", 0]);
});

test("versions that are not our release ids are compared with the last one; none told is said so", () => {
  expect(prove(undefined, { serves: "20261121101502" }).oldAnswers).toBe(0);
  const late = prove(({ dueMs }) => (dueMs === 7000 ? { version: "1" } : {}), { serves: "20261121101502" });
  expect([late.verdict, late.oldAnswers]).toEqual(["broken", 1]);
  expect(prove(() => ({ version: undefined })).oldAnswers).toBe(null);
});

describe("words for a version that are not our release ids", () => {
  const ids = { serves: "20261121101502", gone: "20261120090000" };

  test("that stay the same tell no release from the other, also where the deployment was undone", () => {
    const same = { version: "1.2.3" };
    for (const more of [{}, { isUndone: true }, { isTakenUp: true }])
      expect(prove(() => same, { ...ids, ...more }).oldAnswers).toBe(null);
    // Somebody else answered meanwhile.
    const other = ({ dueMs }: Sample) => (dueMs === 5000 ? { version: "maintenance" } : same);
    expect(prove(other, ids).oldAnswers).toBe(null);
  });

  test("that changed tell the old one also where it was the last to answer", () => {
    const late = prove(({ dueMs }) => (dueMs > 8800 ? { version: "1" } : {}), ids);
    expect([late.verdict, late.oldAnswers]).toEqual(["broken", 19]);
  });

  test("leave it open whether the new release serves where in the end only the old one answers", () => {
    const back = ({ dueMs }: Sample) => ({ version: dueMs > 4000 && dueMs < 5000 ? "2" : "1" });
    const proof = prove(back, ids);
    expect([proof.verdict, proof.oldAnswers]).toEqual(["inconclusive", null]);
    expect(proof.reasons).toContain(
      "Another release answered meanwhile, and after the end only the one from before: whether the new one serves is not known.",
    );
    expect(prove(back, { ...ids, isUndone: true }).verdict).toBe("holds");
  });

  test("of a deployment that was undone are those that served before it", () => {
    const undone = ({ dueMs }: Sample) => (dueMs > 5000 ? { version: "1" } : {});
    expect(prove(undone, { ...ids, isUndone: true }).oldAnswers).toBe(0);
    const late = ({ dueMs }: Sample) =>
      dueMs > 8800 ? { version: "2" } : dueMs > 5000 ? { version: "1" } : {};
    expect(prove(late, { ...ids, isUndone: true }).oldAnswers).toBe(19);
  });
});

test("a release that never answers is missed where the other one tells our own id to the end", () => {
  const proof = prove(() => ({ version: "1" }), { gone: "1" });
  expect([proof.verdict, proof.oldAnswers]).toEqual(["broken", 299]);
});

test("of several services only answers of the release that is gone count as old: one may tell words of its own", () => {
  const told = (version: string, lateVersion = version) =>
    prove(({ dueMs }) => (dueMs < 7000 ? (dueMs > 4000 ? { version } : {}) : { version: lateVersion }), {
      serves: "2",
      gone: "1",
      isOfSeveral: true,
    });
  expect([told("2").verdict, told("2").oldAnswers]).toEqual(["holds", 0]);
  expect([told("2", "own 5").verdict, told("2", "own 5").oldAnswers]).toEqual(["holds", 0]);
  expect([told("2", "1").verdict]).toEqual(["broken"]);
  expect(told("own 5").oldAnswers).toBe(null);
});

test("a server that was left out keeps the proof from being one, and hides no loss", () => {
  const leftOut = ["http://web3:3000/health"];
  const proof = prove(undefined, { leftOut });
  expect([proof.verdict, proof.reasons[0]]).toEqual([
    "inconclusive",
    "http://web3:3000/health did not answer before anything was changed, and was not measured.",
  ]);
  expect(prove(({ dueMs }) => (dueMs === 3500 ? { failure: "reset" } : {}), { leftOut }).verdict).toBe(
    "broken",
  );
});

test("of a deployment still under way nothing can be seen after it, of one that has ended something must", () => {
  const samples = Array.from({ length: 600 }, (_, i): Sample => {
    return { lane: "kept", dueMs: i * 10, endMs: i * 10 + 2, isTimed: true };
  });
  const windows = [{ name: "deploy", fromMs: 3000, toMs: 6000 }];
  const result = replay({ durationMs: 6000, samples, lags: [], windows }, load);
  const verdicts = [false, true].map((isEnded) => proofOf(result, { ...about, isEnded }).verdict);
  expect(verdicts).toEqual(["holds", "inconclusive"]);
});

test("how short an outage would have shown is told of the address that is asked most rarely, as each may fail alone", () => {
  const often = load.lanes[0];
  if (often?.kind !== "requests") throw new Error("there is a lane");
  const rarely = { ...often, name: "kept b 1", loop: { kind: "open", ratePerSecond: 5 } } as const;
  const slow = { ...rarely, name: "slow", isLong: true, loop: { kind: "open", ratePerSecond: 2 } } as const;
  const run = { durationMs: 1000, samples: [], lags: [], windows: [] };
  expect(replay(run, { ...load, lanes: [often, rarely, slow] }).resolutionMs).toBe(200);
});

test("what failed through the prober itself is no loss, and no proof either", () => {
  const run = (fault: string, also: (dueMs: number) => boolean) =>
    prove(({ dueMs }) => {
      if (dueMs >= 3500 && dueMs < 4000) return { failure: "timeout", ownFault: fault };
      return also(dueMs) ? { failure: "reset" } : {};
    });
  const starved = run("stalled", () => false);
  expect([starved.verdict, starved.during.failed, starved.failures]).toEqual(["inconclusive", 0, []]);
  expect(starved.reasons[0]).toBe(
    "50 requests failed because the prober itself did not run for a while when they were due or under way; they say nothing about the service.",
  );
  expect(run("EMFILE", () => false).reasons[0]).toMatch(/had none of its machine's files.*\(EMFILE\)/);
  const lost = run("stalled", (dueMs) => dueMs === 5000);
  expect([lost.verdict, lost.during.failed]).toEqual(["broken", 1]);
});

test("what an outage had to last to show for certain counts the worst moment of the prober itself", () => {
  const late = (dueMs: number) => (dueMs === 4000 ? 300 : 0.4);
  const proof = prove(undefined, {}, late);
  expect(proof.lag.p99Ms).toBeLessThan(1);
  expect(proof.reasons).toEqual([expect.stringMatching(/an outage longer than 320 ms would have shown\.$/)]);
});

test("a prober starved while the deployment went on proves nothing", () => {
  const proof = prove(undefined, {}, 40);
  expect(proof.verdict).toBe("inconclusive");
  expect(proof.reasons[0]).toBe("The prober itself was 40 ms late (p99): too starved to prove anything.");
});

test("counters of a balancer that was restarted count from zero", () => {
  const server = (requests: number, retries: number, redispatches: number) => ({
    service: "web",
    server: "a",
    requests,
    failed: 0,
    retries,
    redispatches,
  });
  expect(maskedBetween([server(10, 3, 1)], [server(20, 5, 1)])).toEqual({ retries: 2, redispatches: 0 });
  expect(maskedBetween([server(10, 3, 1)], [server(4, 2, 0)])).toEqual({ retries: 2, redispatches: 0 });
  expect(maskedBetween([server(10, 3, 1)], [server(20, 1, 1)])).toEqual({ retries: 1, redispatches: 1 });
});

test("the picture is well-formed, names the releases and keeps what they are called harmless", () => {
  const svg = proofSvg(prove(({ dueMs, version }) => (dueMs < 4000 ? { version: "<1>&" } : { version })));
  expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 960 \d+"/);
  expect(svg.endsWith("</svg>\n")).toBe(true);
  expect(svg).toContain("&lt;1&gt;&amp;");
  expect(svg).not.toContain("<1>");
  expect(svg.match(/<rect [^>]*fill="#dc2626"/g)).toHaveLength(1);
});
