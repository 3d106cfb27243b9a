import { type Effect, noRelease } from "../../../src/plan/effect.ts";
import type { Goal } from "../../../src/plan/record.ts";
import type { AppSpec } from "../../../src/plan/spec.ts";
import type { Routing } from "../../../src/plan/traffic.ts";
import { makeSpec, makeWorker } from "../../simulation/scenario.ts";

export const hosts = ["web1", "web2"] as const;
export const balancer = "lb1";

/** Everything works. */
export const sound = "20261121090000";
/** Its build takes for ever and has no deadline to speak of. */
export const endless = "20261121090001";
/** Its build takes for ever and has a deadline. */
export const late = "20261121090002";

export const even: Routing = { weights: { web: { web1: 1, web2: 1 } } };
const half: Routing = { weights: { web: { web1: 1, web2: 0 } } };

/** `source`: a directory that every host can read. */
export function specOf(release: string, source: string): AppSpec {
  const base = makeSpec([makeWorker("worker", { run: "sleep 1000", cwd: ".", health: unprobed })]);
  const build = {
    [sound]: { run: [], timeoutMs: 10_000 },
    [endless]: { run: ["touch begun; sleep 600"], timeoutMs: 600_000 },
    [late]: { run: ["sleep 600"], timeoutMs: 300 },
  }[release];
  return {
    ...base,
    migrate: { run: "true", timeoutMs: 10_000 },
    hooks: { ...base.hooks, "before-switch": ["true"] },
    release: {
      ...base.release,
      source: { kind: "directory", path: source },
      build: { ...base.release.build, ...build },
    },
  };
}

const unprobed = { kind: "none", intervalMs: 50, healthyAfter: 1, timeoutMs: 1000, minUptimeMs: 0 } as const;

export function goalOf(source: string): Goal {
  return {
    id: "1",
    kind: "deploy",
    release: sound,
    previous: null,
    revision: "abc",
    envDigest: null,
    hosts,
    balancers: [balancer],
    routing: { [balancer]: even },
    rollout: { strategy: "rolling", batch: { share: 1 }, keepWarmMs: 0 },
    spec: specOf(sound, source),
  };
}

export function stage(release: string): Effect {
  return { layer: "release", verb: "stage", host: "web1", release };
}

const onHost = { host: "web1", release: sound } as const;
const onBalancer = { layer: "traffic", host: balancer, release: noRelease } as const;
const ofWorker = { ...onHost, layer: "process", service: "worker" } as const;

/** One of every kind, in the order of a deployment. */
export const deployment: readonly Effect[] = [
  { ...onHost, layer: "release", verb: "stage" },
  { ...onHost, layer: "release", verb: "check" },
  { ...onHost, layer: "database", verb: "migrate" },
  { ...onHost, layer: "hook", verb: "run", point: "before-switch", previous: null },
  { ...ofWorker, verb: "stage", count: 1 },
  { ...ofWorker, verb: "check" },
  { ...ofWorker, verb: "switch", keep: 0 },
  { ...onHost, layer: "release", verb: "switch" },
  { ...onBalancer, verb: "switch", routing: half },
  { ...onBalancer, verb: "drain", servers: ["web2"], deadlineMs: 1000 },
  { ...onBalancer, verb: "check", servers: ["web1"] },
  { ...onBalancer, verb: "switch", routing: even },
  { ...ofWorker, verb: "drain", keep: 0 },
  { ...onHost, layer: "release", verb: "drain", mark: "good", of: sound },
];
