import type { Effect } from "../../../src/plan/effect.ts";
import type { Goal, JournalRecord } from "../../../src/plan/record.ts";
import type { ProblemDetail } from "../../../src/problem.ts";
import { type Proof, proofOf } from "../../../src/proof/proof.ts";
import type { Sample } from "../../../src/proof/tally.ts";
import { replay } from "../../proof/replay.ts";
import { makeScenario, makeService, makeSpec, newRelease, oldRelease } from "../../simulation/scenario.ts";

const startedAt: number = Date.UTC(2026, 10, 21, 10, 15, 2);
const hosts = ["web1", "web2", "web3", "web4"];
const spec = makeSpec([makeService("web")]);
const weights = (web1: number): Goal["routing"][string] => ({
  weights: { web: { web1, web2: 32, web3: 32, web4: 32 } },
});

const canaryGoal: Goal = {
  ...makeScenario("report", { spec, hosts }).goal,
  id: "42",
  revision: "9f31c02",
  balancers: ["lb1"],
  routing: { lb1: weights(32) },
  rollout: {
    strategy: "canary",
    batch: { share: 1 },
    keepWarmMs: 0,
    canary: { steps: [0.05, 1], holdMs: 20_000 },
  },
};

const harm: ProblemDetail = {
  code: "CANARY_HARM",
  what: `Release ${newRelease} does harm: <b>errors</b> 5.1 % beside 0.0 %.`,
  why: "It was seen beside the old release.",
  evidence: ["errors: 12 of 236, beside 0 of 4,480", "slower than 21 ms: as the other"],
  fix: "Correct what the evidence shows, then deploy again.",
};

/** An effect that begins `at` seconds after the beginning and takes so many seconds. */
function step(
  effect: Effect,
  at: number,
  takes: number,
  outcome: (JournalRecord & { kind: "outcome" }) | object = {},
): JournalRecord[] {
  return [
    { at: startedAt + at * 1000, kind: "intent", effect },
    {
      at: startedAt + (at + takes) * 1000,
      kind: "outcome",
      effect,
      outcome: { outcome: "done", ...outcome },
    } as JournalRecord,
  ];
}

const release = newRelease;
const traffic = (share: number): Effect => ({
  layer: "traffic",
  verb: "switch",
  host: "lb1",
  release,
  routing: weights(share),
  says: share === 0 ? "no traffic to web1" : `${share} of the weight to web1`,
});
const process = (host: string, verb: "check" | "drain"): Effect =>
  verb === "check"
    ? { layer: "process", verb, host, release, service: "web" }
    : { layer: "process", verb, host, release: oldRelease, service: "web", keep: 0 };

/** A canary that does harm, sees 5 % of the traffic, and is taken back. */
export const harmfulCanary: readonly JournalRecord[] = [
  { at: startedAt, kind: "begin", goal: canaryGoal, epoch: 42, operator: "ada@laptop" } as const,
  ...hosts.flatMap((host, i) => step({ layer: "release", verb: "stage", host, release }, 0.1, 3.1 + i / 3)),
  ...step(traffic(0), 4.6, 0.1),
  ...step({ layer: "process", verb: "stage", host: "web1", release, service: "web", count: 2 }, 5, 0.6),
  ...step(process("web1", "check"), 5.7, 2.2, { notes: ["2 of 2 healthy"] }),
  ...step(traffic(2), 8.1, 0.1),
  { at: startedAt + 8300, kind: "stage", stage: 0 } as const,
  {
    at: startedAt + 21_000,
    kind: "verdict",
    stage: 1,
    verdict: "harm",
    why: "errors 5.1 % beside 0.0 %",
    evidence: harm.evidence ?? [],
  } as const,
  { at: startedAt + 21_001, kind: "turn", problem: harm } as const,
  ...step(traffic(0), 21.1, 0.1),
  ...step(process("web1", "drain"), 21.5, 2.5),
  ...step(traffic(32), 24.2, 0.1),
  { at: startedAt + 24_600, kind: "end", end: "old", problem: harm } as const,
].sort((one, other) => one.at - other.at);

/** What the clients saw of it. */
export function measuredCanary(): Proof {
  const samples: Sample[] = [];
  for (let i = 0; i < 2400; i++) {
    const dueMs = i * 10;
    const isNew = dueMs > 5200 && dueMs < 18_100 && i % 16 === 0;
    const isLost = isNew && i % 64 === 0;
    samples.push({
      lane: i % 2 === 0 ? "kept" : "fresh",
      dueMs,
      endMs: dueMs + 4 + (i % 7) + (i % 90 === 0 ? 20 : 0),
      isTimed: true,
      version: isLost ? undefined : isNew ? newRelease : oldRelease,
      ...(isLost ? ({ failure: "5xx", detail: "status 500" } as const) : {}),
    });
  }
  const windows = [{ name: "deployment", fromMs: 1600, toMs: 21_600 }];
  const lags = samples.map(({ dueMs }) => ({ dueMs, lateMs: 0.4 }));
  const load = { url: "http://shop.example.com/", timeoutMs: 5000, lanes: [] };
  const seen = { startedAt: startedAt + 3000, durationMs: 24_000, samples, lags, windows };
  return proofOf(replay(seen, load), {
    deployment: "42",
    url: load.url,
    serves: oldRelease,
    isEnded: true,
    balancer: { retries: 2, redispatches: 1 },
    maxLagMs: 25,
  });
}
