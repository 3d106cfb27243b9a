import type { Effect } from "../../../src/plan/effect.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import type { ProblemDetail } from "../../../src/problem.ts";

const hosts: readonly string[] = ["web1", "web2", "web3", "web4"];
const release = "20261121101502";
const previous = "20261120093000";

function begin(effects: readonly Effect[]): readonly CutoverEvent[] {
  return effects.map((effect) => ({ event: "effect", effect }));
}

function done(effect: Effect, ms: number, notes?: readonly string[]): CutoverEvent {
  return { event: "outcome", effect, outcome: { outcome: "done", notes }, ms };
}

function stage(host: string): Effect {
  return { layer: "release", verb: "stage", host, release };
}

function start(host: string): Effect {
  return { layer: "process", verb: "stage", host, release, service: "web", count: 2 };
}

function check(host: string): Effect {
  return { layer: "process", verb: "check", host, release, service: "web" };
}

const web = { web1: 3, web2: 3, web3: 3, web4: 1 };
const traffic: Effect = {
  layer: "traffic",
  verb: "switch",
  host: "lb1",
  release,
  routing: {
    weights: { web, catalog: web },
    cohort: { match: { header: "User-Agent", regex: "Mobile|Android" }, servers: ["web4"] },
  },
};

const crashed: ProblemDetail = {
  code: "HEALTH_EXIT",
  what: "web of release 20261121101502 ended with exit code 1 before it was healthy.",
  fix: "Correct the release and deploy again.",
  exit: 4,
};

const opening: CutoverEvent = { event: "begin", goal: { id: "7", kind: "deploy", release, previous, hosts } };

/** Four hosts at once: three build at their own pace. */
export const underWay: readonly CutoverEvent[] = [
  opening,
  ...begin(hosts.map(stage)),
  { event: "output", host: "web1", source: "build", line: "added 212 packages in 9s" },
  { event: "output", host: "web3", source: "build", line: "compiled in 2.1s" },
  done(stage("web2"), 4100),
];

/** The rest of it: traffic for one of them, and a check that one host fails. */
export const fleetDeploy: readonly CutoverEvent[] = [
  ...underWay,
  done(stage("web1"), 9300),
  done(stage("web3"), 8800),
  done(stage("web4"), 8000),
  ...begin([traffic]),
  done(traffic, 41),
  { event: "hold", why: "25% to web4 is watched", until: 300_000 },
  ...begin(hosts.map(start)),
  ...hosts.map((host) => done(start(host), 310)),
  ...begin(hosts.map(check)),
  done(check("web1"), 2900, ["2 of 2 healthy"]),
  { event: "outcome", effect: check("web3"), outcome: { outcome: "refused", problem: crashed }, ms: 1200 },
  done(check("web2"), 2800, ["2 of 2 healthy"]),
  done(check("web4"), 3100, ["2 of 2 healthy", "warmed 3 paths"]),
  { event: "turn", problem: crashed },
  { event: "end", end: "old", serves: previous, problem: crashed, ms: 31_000 },
];
