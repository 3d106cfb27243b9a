import { expect, test } from "vitest";
import { proofLines, proofText } from "../../../src/cli/proof/text.ts";
import type { Load } from "../../../src/proof/load.ts";
import { type Proof, proofOf } from "../../../src/proof/proof.ts";
import { proofSvg } from "../../../src/proof/svg.ts";
import type { Sample } from "../../../src/proof/tally.ts";
import { replay } from "../../proof/replay.ts";

const load: Load = { url: "http://shop.example.com/", timeoutMs: 5000, lanes: [] };

/** One answer in `everyMs`, the share of version 2 as told. */
function proofFor(durationMs: number, everyMs: number, share: (ms: number) => number): Proof {
  const samples = Array.from({ length: Math.floor(durationMs / everyMs) }, (_, i): Sample => {
    const dueMs = i * everyMs;
    const version = (i * 0.618_034) % 1 < share(dueMs) ? "2" : "1";
    return { lane: "kept", dueMs, endMs: dueMs + 3, isTimed: true, version };
  });
  const windows = [{ name: "deployment", fromMs: durationMs * 0.05, toMs: durationMs * 0.9 }];
  const about = { deployment: "7", url: load.url, serves: "2", isEnded: true, balancer: null, maxLagMs: 25 };
  return proofOf(replay({ durationMs, samples, windows, lags: [] }, load), about);
}

function shares(proof: Proof): readonly string[] {
  return proofText(proof)
    .split("\n")
    .filter((line) => /: [12] \d+ %/.test(line));
}

test("who answered is told second by second, and what is alike as one", () => {
  const proof = proofFor(8000, 10, (ms) => (ms < 3000 ? 0 : ms < 4000 ? 0.5 : 1));
  expect(shares(proof)).toEqual(["  0-3 s: 1 100 %", "  3-4 s: 1 51 %, 2 49 %", "  4-8 s: 2 100 %"]);
});

test("of a canary that lasted a day there are as many lines as a person reads, in hours", () => {
  const hour = 3_600_000;
  const proof = proofFor(24 * hour, 20_000, (ms) => (ms < 2 * hour ? 0 : ms < 22 * hour ? 0.1 : 1));
  const lines = shares(proof);
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines[0]).toMatch(/^ {2}0-[12]h(\d\dm)?: 1 100 %$/);
  expect(lines.at(-1)).toMatch(/-24h: 2 100 %$/);
});

test("its picture is no larger than that of a short one could be, and is in answers per second", () => {
  const svg = proofSvg(proofFor(86_400_000, 20_000, () => 0.5));
  expect(svg.length).toBeLessThan(200_000);
  expect(svg).toMatch(/>24h<\/text>/);
  expect(svg).toMatch(/text-anchor="end"[^>]*>0\.05<\/text>/);
});

test("a service that nobody asked is told, shortly at the end of a deployment and with the reason in the whole", () => {
  const proof = {
    ...proofFor(8000, 10, () => 1),
    unasked: [{ service: "api", why: "changes its port or its health path" }],
  };
  expect(proofLines(proof)[0]).toMatch(/ Not asked: api\.$/);
  expect(proofText(proof)).toContain("  Not asked: api, because it changes its port or its health path.\n");
});

test("what was lost is told with its kind, and when it was, before the deployment too", () => {
  const lost = (dueMs: number): Sample => ({
    lane: "fresh",
    dueMs,
    endMs: dueMs + 200,
    isTimed: true,
    failure: "reset",
    detail: "read ECONNRESET",
  });
  const windows = [{ name: "deployment", fromMs: 2000, toMs: 4000 }];
  const about = { deployment: "7", url: load.url, serves: "2", isEnded: true, balancer: null, maxLagMs: 25 };
  const result = replay({ durationMs: 6000, samples: [lost(300), lost(3000)], windows, lags: [] }, load);
  const text = proofText(proofOf(result, about));
  expect(text).toContain("  1.5s before the first change, fresh: reset, read ECONNRESET\n");
  expect(text).toMatch(/ {2}1\.2s after the first change, fresh: reset, read ECONNRESET$/);
  expect(text).toContain("  From the first change to the end: 2.0s.\n");
});

test("what a deployment cost is told over all the runs in which it was measured, and each by itself", () => {
  const last = { ...proofFor(8000, 10, () => 1), balancer: { retries: 1, redispatches: 2 } };
  const [during, lost] = [
    { ...last.during, longestGapMs: 400 },
    { failed: 2, failedBy: { reset: 2 } },
  ];
  const earlier: Proof = { ...last, verdict: "broken", during: { ...during, ...lost } };
  const sent = last.during.sent + last.after.sent;
  const [line] = proofLines({ ...last, verdict: "broken", earlier: [earlier] });
  expect(line).toBe(
    `Proof: 2 of ${(2 * sent).toLocaleString("en-US")} requests failed (2 reset); longest gap 400 ms; 6 masked by the balancer's retries.`,
  );
  const told = proofText({ ...last, earlier: [earlier] });
  expect(told).toMatch(
    /^ {2}Before it was taken up again, [\d:]+ to [\d:]+ UTC: 2 of \d+ requests failed \(2 reset\); .*: broken\.$/m,
  );
});

test("a balancer that counts nothing is not taken for one that repeated nothing", () => {
  const proof = proofFor(8000, 10, () => 1);
  const behind: Proof = { ...proof, isUncounted: true };
  expect(proofLines(behind)[0]).toMatch(
    /; longest gap [\d.]+ ms; what the balancer tried again is not known\.$/,
  );
  expect(proofText(behind)).toMatch(/^ {2}Tries the balancer repeated: not known, because .*\.$/m);
  expect(proofLines(proof)[0]).toMatch(/; longest gap [\d.]+ ms\.$/);
});
