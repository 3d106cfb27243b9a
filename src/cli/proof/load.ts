import type { Config } from "../../config/load.ts";
import type { ProofConfig } from "../../config/proof.ts";
import type { AppSpec, ServiceSpec } from "../../plan/spec.ts";
import type { Expectation, Lane, Load, RequestLane } from "../../proof/load.ts";

/** What is asked while a deployment goes on; null with the reason where there is nothing that could be asked. */
export type Prospect =
  | { readonly load: Load; readonly url: string }
  | { readonly load: null; readonly why: string };

const timeoutMs = 5000;
const headMs = 1000;
const uploadBytes = 1024 * 1024;
const uploadMs = 2000;
const pingMs = 100;

export function proofLoad(config: Config, proof: ProofConfig, spec: AppSpec): Prospect {
  const targets = proof.url === undefined ? targetsOf(config, spec) : [{ url: proof.url, expect: {} }];
  const [first] = targets;
  if (first === undefined) return { load: null, why: whyNone(config) };
  const rate = proof.rate / targets.length;
  const lanes = targets.flatMap((target, i) => lanesFor(target, rate, targets.length > 1 ? ` ${i + 1}` : ""));
  const load: Load = {
    url: first.url,
    lanes: [...lanes, ...lastingLanes(proof)],
    timeoutMs,
    version: { header: proof.releaseHeader },
  };
  return { load, url: targets.map(({ url }) => url).join(", ") };
}

interface Target {
  readonly url: string;
  readonly expect: Expectation;
}

/** The first service with a public port that speaks HTTP, on every server. Behind a balancer nobody knows its address. */
function targetsOf(config: Config, spec: AppSpec): readonly Target[] {
  const service = spec.services.find(({ port, health }) => port !== undefined && health.kind === "http");
  if (service === undefined || service.health.kind !== "http" || config.balancers.length > 0) return [];
  const { path, expect, body } = service.health;
  const hosts = config.servers.length === 0 ? [ownAddress(service)] : config.servers.map(({ name }) => name);
  const status = expect === "any-below-500" ? "below-500" : expect;
  return hosts.map((host) => ({
    url: `http://${host.includes(":") ? `[${host}]` : host}:${service.port}${path}`,
    expect: { status, body },
  }));
}

function ownAddress({ host }: ServiceSpec): string {
  if (host === undefined || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function whyNone({ balancers }: Config): string {
  return balancers.length > 0
    ? "proof.url does not say what clients ask of the balancer"
    : "no service has a port and a health path, and there is no proof.url";
}

/** Kept and fresh connections in equal parts, and one request whose head arrives slowly, always under way. */
function lanesFor({ url, expect }: Target, ratePerSecond: number, suffix: string): readonly Lane[] {
  const loop = { kind: "open", ratePerSecond: ratePerSecond / 2 } as const;
  const lane = { kind: "requests", url, expect } as const;
  const connections = Math.max(1, Math.min(20, Math.ceil(ratePerSecond / 10)));
  return [
    { ...lane, name: `kept${suffix}`, connection: "keep-alive", connections, loop },
    { ...lane, name: `fresh${suffix}`, connection: "fresh", loop },
    { ...lane, ...always(headMs), name: `slow${suffix}`, connection: "fresh", headMs },
  ];
}

function lastingLanes(proof: ProofConfig): readonly Lane[] {
  const { uploadPath, streamPath, websocketPath } = proof;
  const lanes: Lane[] = [];
  if (uploadPath !== undefined) {
    const sent = { path: uploadPath, uploadBytes, uploadMs, expect: { status: "2xx" } } as const;
    lanes.push({ kind: "requests", ...always(uploadMs), name: "upload", connection: "fresh", ...sent });
  }
  if (streamPath !== undefined) {
    lanes.push({ kind: "events", name: "stream", path: streamPath, connections: 1 });
  }
  if (websocketPath !== undefined) {
    const held = { path: websocketPath, connections: 1, everyMs: pingMs, asks: "ping" } as const;
    lanes.push({ kind: "websocket", name: "websocket", ...held });
  }
  return lanes;
}

/** One that lasts `ms` begins when half of the one before is over. */
function always(ms: number): Pick<RequestLane, "isLong" | "loop"> {
  return { isLong: true, loop: { kind: "open", ratePerSecond: 2000 / ms } };
}
