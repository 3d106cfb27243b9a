import { expect, test } from "vitest";
import { failureLines } from "../../../src/cli/proof/failures.ts";
import { readMeasured } from "../../../src/cli/proof/copies.ts";
import { findProof } from "../../../src/cli/proof/find.ts";
import { proofLines, proofText } from "../../../src/cli/proof/text.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { isProblem } from "../../../src/problem.ts";
import { measuredRun, measuredRuns } from "../../proof/runs.ts";

const two = measuredRuns(
  { durationMs: 10_000, version: () => "1", isLost: (ms) => ms === 5000 },
  { at: 30_000, durationMs: 20_000, version: () => "2", latencyMs: () => 12 },
);

test("of several runs each has its own figures, shares and losses, under its own times", () => {
  const [head = "", first = "", second = ""] = proofText(two).split(/^Run \d of 2, /m);
  expect(head).toMatch(/^Deployment 42, 2026-11-21 10:15:02 UTC, http:\/\/shop.example.com\/: broken$/m);
  expect(head).toContain("  Between the runs: not measured for 20s from 10:15:12 to 10:15:32 UTC.\n");
  expect(first).toMatch(/^10:15:02 to 10:15:12 UTC\n.*\nbefore +50 +0 .*\nduring +401 +1 /);
  expect(first).toMatch(/^ {2}0-10 s: 1 100 %$/m);
  expect(first).toMatch(/^ {2}4\.0s after the first change, kept: refused, connect ECONNREFUSED$/m);
  expect(second).toMatch(/^10:15:32 to 10:15:52 UTC\n/);
  expect(second).toMatch(/^ {2}0-20 s: 2 100 %$/m);
  expect(second).not.toContain("refused");
});

test("one run is told without a word of runs", () => {
  expect(proofText(measuredRun())).not.toMatch(/\bruns?\b/i);
});

test("a deployment ends with what was before its first run, during the slowest, after the last", () => {
  expect(proofLines(two)[1]).toBe(
    "p50/p99 4.0/4.0 ms before (p99: the slowest of 50), 12/12 ms during (the slowest of 2 runs), 12/12 ms after (p99: the slowest of 99). More: cutover proof",
  );
});

test("what was stopped on its way says so, without figures of what did not come", () => {
  const stopped = { ...measuredRun({ isEnded: false }), after: measuredRun({ isLost: () => true }).after };
  const [first, second] = proofLines(stopped);
  expect(first).toMatch(/^Proof so far: /);
  expect(second).toBe("p50/p99 4.0/4.0 ms before, 4.0/4.0 ms during. More: cutover proof");
  expect(proofText(stopped)).toContain("  From the first change until it stopped: 19.2s.\n");
});

test("runs that hold together say that nothing was changed between them", () => {
  expect(proofText(measuredRuns({}, { at: 60_000 }))).toContain(
    "  Between the runs: not measured for 36s from 10:15:26 to 10:16:02 UTC; nothing was changed then.\n",
  );
});

test("a p99 of few answers is said to be the slowest of them", () => {
  expect(proofLines(measuredRun({ durationMs: 5000 }))[1]).toBe(
    "p50/p99 4.0/4.0 ms before (p99: the slowest of 25), 4.0/4.0 ms during, 4.0/4.0 ms after (p99: the slowest of 24). More: cutover proof",
  );
});

test("where nothing was answered no latency is told", () => {
  const silent = measuredRun({ isLost: () => true });
  expect(proofLines(silent)[1]).toBe("Nothing was answered. More: cutover proof");
  expect(proofText(silent)).not.toMatch(/NaN|null|undefined/);
});

test("many losses alike are one line, apart before, during and after, and it is said that there were more", () => {
  expect(failureLines(measuredRun({ durationMs: 20_000, isLost: () => true }))).toEqual([
    "2.0s to 1.6s before the first change, fresh and kept, 20 times: refused, connect ECONNREFUSED",
    "1ms to 381ms after the first change, fresh and kept, 20 times: refused, connect ECONNREFUSED",
    "16.0s to 16.4s after the first change, fresh and kept, 20 times: refused, connect ECONNREFUSED",
    "60 of 1,000 that were lost are told: the first ones before, during and after the deployment.",
  ]);
  expect(failureLines(measuredRun({ isLost: (ms) => ms === 5000 || ms === 9000 }))).toHaveLength(2);
});

test("whether an old release still answered is not asked of a run that did not come to the end", () => {
  const text = proofText(measuredRun({ isEnded: false, version: () => "1" }));
  expect(text).toContain(
    "Answers of another release after the end: not known, because it had not come to its end.",
  );
  expect(text).not.toContain("proof.release-header");
});

test("a deployment that is not known is not called one that was not measured", async () => {
  const host: Pick<HostEnd, "readProof" | "journals"> = {
    readProof: () => Promise.resolve(null),
    journals: () => Promise.resolve([{ id: "7", text: "" }]),
  };
  const what = async (id: string): Promise<unknown> =>
    await findProof([host as HostEnd], id).catch((error: unknown) => isProblem(error) && error.detail.what);
  expect(await what("7")).toBe("Deployment 7 was not measured.");
  expect(await what("99")).toBe("There is no deployment 99.");
});

async function readFrom(text: string): Promise<unknown> {
  const host: Pick<HostEnd, "readProof"> = { readProof: () => Promise.resolve(text) };
  return await readMeasured([host as HostEnd], "42").catch((error: unknown) => {
    if (isProblem(error)) return error.detail;
    throw error;
  });
}

test("a proof that an earlier version kept is read, one that is none says what it lacks", async () => {
  const { slotMs, ...old } = measuredRun();
  expect(slotMs).toBe(1000);
  expect(await readFrom(JSON.stringify(old))).toMatchObject({ verdict: "holds", slotMs: 1000 });
  expect(await readFrom('{"unmeasured":"nothing was live"}')).toEqual({ unmeasured: "nothing was live" });
  expect(await readFrom('{"verdict":"holds"}')).toMatchObject({
    code: "PROOF_DAMAGED",
    why: "It does not tell: startedAt, window, before, during, after.",
  });
  for (const nothing of ["null", "7", "{", ""])
    expect(await readFrom(nothing)).toMatchObject({ code: "PROOF_DAMAGED" });
});
