import { expect, test } from "vitest";
import { proofTable, table, verdict } from "../../../src/cli/demo/table.ts";
import type { ProofResult } from "../../../src/proof/result.ts";
import type { Sample } from "../../../src/proof/tally.ts";
import { replay } from "../../proof/replay.ts";

const load = {
  url: "http://127.0.0.1:1/",
  timeoutMs: 1000,
  lanes: [
    {
      kind: "requests",
      name: "fresh",
      connection: "fresh",
      loop: { kind: "open", ratePerSecond: 100 },
    },
  ],
} as const;

function run(fail: (dueMs: number) => boolean): ProofResult {
  const samples: Sample[] = [];
  for (let dueMs = 0; dueMs < 3000; dueMs += 10) {
    const version = dueMs < 1500 ? "1" : "2";
    const sample: Sample = { lane: "fresh", dueMs, endMs: dueMs + 2, isTimed: true, version };
    samples.push(fail(dueMs) ? { ...sample, failure: "refused", version: undefined } : sample);
  }
  const lags = [0.2, 0.4].map((lateMs) => ({ dueMs: 1500, lateMs }));
  const windows = [{ name: "deploy v2", fromMs: 1000, toMs: 2000 }];
  return replay({ durationMs: 3000, samples, lags, windows }, load);
}

test("figures stand under each other", () => {
  expect(
    table([
      ["", "sent", "lost"],
      ["deploy", "1,240", "0"],
    ]),
  ).toBe("         sent  lost\ndeploy  1,240     0");
});

test("a deploy without a loss says what that is worth", () => {
  const result = run(() => false);
  expect(proofTable(result, [{ name: "deploy v2", exit: 0, ms: 1000 }])).toMatchInlineSnapshot(`
    "           exit   took  sent  lost    gap   before   during    after  serves
    deploy v2     0  1.0 s   101     0  10 ms  2.0/2.0  2.0/2.0  2.0/2.0      v2"
  `);
  expect(verdict(result)).toMatchInlineSnapshot(`
    "0 of 300 requests lost (with 95 % confidence fewer than 1 % would be).
    An outage longer than 10 ms would have shown.
    The client itself was at most 0.4 ms late (p99)."
  `);
});

test("lost requests are told before anything else, with the gap they made", () => {
  const result = run((dueMs) => dueMs >= 1400 && dueMs < 1500);
  expect(result.verdict).toBe("lost");
  expect(result.windows[0]?.during).toMatchObject({
    failed: 10,
    failedBy: { refused: 10 },
    longestGapMs: 110,
  });
  expect(verdict(result).split("\n")[0]).toBe("10 of 300 requests lost.");
});
