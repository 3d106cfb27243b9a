import type { Config } from "../../config/load.ts";
import type { ProofConfig } from "../../config/proof.ts";
import type { AppSpec, ServiceSpec } from "../../plan/spec.ts";
import type { Expectation, Lane, Load, RequestLane } from "../../proof/load.ts";

/** What is asked all through a deployment. */
export interface Target {
  readonly url: string;
  readonly expect: Expectation;
}

/** Where clients ask; none with the reason. */
export type Targets =
  | { readonly targets: readonly [Target, ...Target[]] }
  | { readonly targets: null; readonly why: string; readonly fix?: string | undefined };

/** What a deployment goes between, as far as clients see it: the specs of the live release and of the new one. */
export interface Between {
  readonly live: AppSpec | null;
  readonly next: AppSpec;
}

const timeoutMs = 5000;
const headMs = 1000;
const uploadBytes = 1024 * 1024;
const uploadMs = 2000;
const pingMs = 100;

/** proof.url, or the first service with a public port that speaks HTTP, on every server. */
export function targetsOf(config: Config, proof: ProofConfig, { live, next }: Between): Targets {
  if (proof.url !== undefined) return { targets: [{ url: proof.url, expect: {} }] };
  if (config.balancers.length > 0)
    return { targets: null, why: "what clients ask of the balancer is not known", fix: sayUrl };
  const service = askable(next);
  if (service === undefined)
    return { targets: null, why: "no service has a port and a health path that could be asked" };
  const before = live === null ? service : live.services.find(({ name }) => name === service.name);
  if (before?.port !== service.port || pathOf(before) !== pathOf(service))
    return { targets: null, why: `${service.name} changes its port or its health path`, fix: sayUrl };
  const [first, ...others] = hostsOf(config, service).map((host) => targetAt(host, service));
  return first === undefined ? { targets: null, why: "there is no server" } : { targets: [first, ...others] };
}

const sayUrl = "Say in proof.url what they ask, for example proof: { url: https://shop.example.com/health }.";

function askable({ services }: AppSpec): ServiceSpec | undefined {
  return services.find(({ port, health }) => port !== undefined && health.kind === "http");
}

function pathOf(service: ServiceSpec | undefined): string | undefined {
  return service?.health.kind === "http" ? service.health.path : undefined;
}

function hostsOf({ servers }: Config, service: ServiceSpec): readonly string[] {
  return servers.length === 0 ? [ownAddress(service)] : servers.map(({ name }) => name);
}

function ownAddress({ host }: ServiceSpec): string {
  if (host === undefined || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function targetAt(host: string, { port, health }: ServiceSpec): Target {
  if (health.kind !== "http") throw new Error("only a service with a health path can be asked");
  const { path, expect, body } = health;
  const status = expect === "any-below-500" ? "below-500" : expect;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}${path}`,
    expect: { status, body },
  };
}

export function loadOf(proof: ProofConfig, targets: readonly [Target, ...Target[]]): Load {
  const rate = proof.rate / targets.length;
  const lanes = targets.flatMap((target, i) => lanesFor(target, rate, targets.length > 1 ? ` ${i + 1}` : ""));
  return {
    url: targets[0].url,
    lanes: [...lanes, ...lastingLanes(proof)],
    timeoutMs,
    version: { header: proof.releaseHeader },
  };
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
