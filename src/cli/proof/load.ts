import type { ProofConfig } from "../../config/proof.ts";
import type { Lane, Load, RequestLane } from "../../proof/load.ts";
import type { Target } from "./target.ts";

export const timeoutMs = 5000;
const headMs = 1000;
const uploadBytes = 1024 * 1024;
const uploadMs = 2000;
const pingMs = 100;

/** Each service is asked at the rate of the config, at all its addresses together; what lasts at the first of them. */
export function loadOf(
  proof: ProofConfig,
  targets: readonly [Target, ...Target[]],
  lasting: readonly Lane[] = lastingLanes(proof),
): Load {
  const services = [...new Set(targets.map(({ service }) => service))];
  const lanes = services.flatMap((service) => {
    const own = targets.filter((target) => target.service === service);
    const name = services.length > 1 ? ` ${service}` : "";
    return own.flatMap((target, i) =>
      lanesFor(target, proof.rate / own.length, own.length > 1 ? `${name} ${i + 1}` : name),
    );
  });
  return {
    url: targets[0].url,
    at: targets[0].at,
    lanes: [...lanes, ...lasting],
    timeoutMs,
    version: { header: proof.releaseHeader },
  };
}

/** Kept and fresh connections in equal parts, and one request whose head arrives slowly, always under way. */
function lanesFor({ url, at, expect }: Target, ratePerSecond: number, suffix: string): readonly Lane[] {
  const loop = { kind: "open", ratePerSecond: ratePerSecond / 2 } as const;
  const lane = { kind: "requests", url, at, expect } as const;
  const connections = Math.max(1, Math.min(20, Math.ceil(ratePerSecond / 10)));
  return [
    { ...lane, name: `kept${suffix}`, connection: "keep-alive", connections, loop },
    { ...lane, name: `fresh${suffix}`, connection: "fresh", loop },
    { ...lane, ...always(headMs), name: `slow${suffix}`, connection: "fresh", headMs },
  ];
}

/** Uploads begin when half of the one before is over, so that one is under way at every moment. */
export function lastingLanes(proof: ProofConfig): readonly Lane[] {
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
