import type { Load } from "../../src/proof/load.ts";
import { withEarlier } from "../../src/proof/parts.ts";
import { type Proof, proofOf } from "../../src/proof/proof.ts";
import type { Sample } from "../../src/proof/tally.ts";
import { replay } from "./replay.ts";

const load: Load = {
  url: "http://shop.example.com/",
  timeoutMs: 1000,
  lanes: ["kept", "fresh"].map((name) => ({
    kind: "requests",
    name,
    connection: name === "kept" ? "keep-alive" : "fresh",
    loop: { kind: "open", ratePerSecond: 25 },
  })),
};

/** 10:15:02 of a day. */
export const morning: number = Date.UTC(2026, 10, 21, 10, 15, 2);

interface RunOf {
  /** Since that morning. */
  readonly at?: number;
  readonly durationMs?: number;
  readonly isEnded?: boolean;
  /** Release that answers at a time of the run; undefined: it does not say. */
  readonly version?: (ms: number) => string | undefined;
  readonly isLost?: (ms: number) => boolean;
  readonly latencyMs?: (ms: number) => number;
}

/** A run with 50 requests a second, the deployment from a tenth of it to nine tenths. */
export function measuredRun({ at = 0, durationMs = 24_000, isEnded = true, ...answers }: RunOf = {}): Proof {
  const { version = () => "1", isLost = () => false, latencyMs = () => 4 } = answers;
  const samples = Array.from({ length: durationMs / 20 }, (_, i): Sample => {
    const dueMs = i * 20;
    const sample = { lane: i % 2 === 0 ? "kept" : "fresh", dueMs, isTimed: true };
    return isLost(dueMs)
      ? { ...sample, endMs: dueMs + 1, failure: "refused", detail: "connect ECONNREFUSED" }
      : { ...sample, endMs: dueMs + latencyMs(dueMs), version: version(dueMs) };
  });
  const windows = [{ name: "deployment", fromMs: durationMs / 10, toMs: durationMs * 0.9 }];
  const seen = { startedAt: morning + at, durationMs, samples, lags: [], windows };
  const about = { deployment: "42", url: load.url, serves: null, balancer: null, maxLagMs: 25 };
  return proofOf(replay(seen, load), { ...about, isEnded });
}

/** The runs of one deployment, the oldest first. */
export function measuredRuns(...runs: readonly RunOf[]): Proof {
  const proofs = runs.map((run, i) => measuredRun({ isEnded: i === runs.length - 1, ...run }));
  const last = proofs.at(-1);
  if (last === undefined) throw new Error("there is at least one run");
  return withEarlier(last, { proofs: proofs.slice(0, -1), unmeasured: null });
}
