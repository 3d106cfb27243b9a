import type { Effect } from "../../../src/plan/effect.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import type { ProblemDetail } from "../../../src/problem.ts";

const host = "local";
const release = "20261121101502";
const previous = "20261120093000";

const stage: Effect = { layer: "release", verb: "stage", host, release };
const migrate: Effect = { layer: "database", verb: "migrate", host, release };
const start: Effect = { layer: "process", verb: "stage", host, release, service: "web", count: 2 };
const check: Effect = { layer: "process", verb: "check", host, release, service: "web" };
const current: Effect = { layer: "release", verb: "switch", host, release };
const open: Effect = { layer: "process", verb: "switch", host, release, service: "web", keep: 0 };
const drain: Effect = { layer: "process", verb: "drain", host, release, service: "web", keep: 0 };
const back: Effect = { layer: "process", verb: "drain", host, release: previous, service: "web", keep: 0 };
const good: Effect = { layer: "release", verb: "drain", host, release, mark: "good", of: release };

const begin: CutoverEvent = {
  event: "begin",
  goal: { id: "d1", kind: "deploy", release, previous, hosts: [host] },
};

function effect(one: Effect): CutoverEvent {
  return { event: "effect", effect: one };
}

function done(one: Effect, ms: number, notes?: readonly string[]): CutoverEvent {
  return { event: "outcome", effect: one, outcome: { outcome: "done", notes }, ms };
}

function output(source: string, line: string): CutoverEvent {
  return { event: "output", host, source, line };
}

export const healthFailed: ProblemDetail = {
  code: "HEALTH_STATUS",
  what: "web of release 20261121101502 never became healthy: GET /health answered 500, not 200.",
  why: "The instance lived, and answered 14 probes in 60 seconds.",
  evidence: [
    "probe 14: GET /health -> 500 in 3 ms",
    "",
    "last log lines of web-0:",
    'Error: relation "carts" does not exist',
  ],
  fix: "Correct the release and deploy again.",
  state: "Release 20261120093000 still serves on this machine; nothing was switched.",
  exit: 4,
};

/** A deploy as it goes well. */
export const goodDeploy: readonly CutoverEvent[] = [
  begin,
  effect(stage),
  output("build", "added 212 packages in 9s"),
  output("build", "\u001B[32mcompiled\u001B[0m\tin 2.1s"),
  done(stage, 12_345),
  effect(migrate),
  output("migrate", "2 migrations applied"),
  done(migrate, 840),
  effect(start),
  done(start, 310),
  effect(check),
  done(check, 2_900, ["2 of 2 healthy"]),
  effect(current),
  done(current, 4),
  effect(open),
  done(open, 12),
  {
    event: "warning",
    problem: { code: "FATAL_LINE", what: "web-0 logged: DeprecationWarning", fix: "cutover logs web" },
  },
  { event: "hold", why: "Baking for 10s: the new release must live that long.", until: 10_000 },
  effect(drain),
  done(drain, 1_500, ["2 stopped, 0 forced"]),
  effect(good),
  done(good, 20),
  { event: "end", end: "new", serves: release, ms: 78_000 },
];

/** A release that never becomes healthy: it turns, and the old one serves. */
export const badDeploy: readonly CutoverEvent[] = [
  begin,
  effect(stage),
  done(stage, 900),
  effect(start),
  done(start, 300),
  effect(check),
  { event: "outcome", effect: check, outcome: { outcome: "refused", problem: healthFailed }, ms: 60_200 },
  { event: "turn", problem: healthFailed },
  effect(back),
  done(back, 700),
  { event: "end", end: "old", serves: previous, problem: healthFailed, ms: 62_500 },
];
