import type { RequestOptions } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "../driver.ts";
import { get } from "../get.ts";
import { notAnswered, notRunning } from "./problems.ts";
import type { Setup } from "./setup.ts";

export interface Running {
  /** Of the files it has loaded; null: none of this app. */
  readonly digest: string | null;
  /** It follows `live` to the tree that was asked about. */
  readonly isFollowed: boolean;
}

/** Problem: TRAFFIC_UNREACHABLE. */
export async function askState(setup: Setup, tree: string): Promise<Running> {
  const asking = toAsk(setup, "/state", { "x-cutover-tree": tree });
  const { body } = await get(asking).catch((error: unknown) => {
    throw notRunning(setup, error);
  });
  const [, digest, word] = /^([0-9a-f]{16}) (\w+)$/.exec(body) ?? [];
  return { digest: digest ?? null, isFollowed: word === "followed" };
}

/** Problem: TRAFFIC_ASK. */
export async function askServer(setup: Setup, service: string, server: string): Promise<Answer> {
  const path = setup.backends.find((backend) => backend.service === service)?.healthPath ?? "/";
  const headers = { "x-cutover-service": service, "x-cutover-server": server };
  const { status, release } = await get(toAsk(setup, path, headers)).catch((error: unknown) => {
    throw notAnswered(setup, server, error);
  });
  return { status, ...(release === undefined ? {} : { release }) };
}

function toAsk(
  { listen, app }: Setup,
  path: string,
  headers: Readonly<Record<string, string>>,
): RequestOptions {
  const { hostname, port } = new URL(`http://${listen}`);
  const own = { host: `cutover-${app}:${port}`, "user-agent": "cutover-probe" };
  return { host: hostname.replaceAll(/[[\]]/g, ""), port, path, headers: { ...own, ...headers } };
}

/** Upstream -> requests under way. `admin`: as in the Caddyfile's option of that name. Problem: TRAFFIC_UNREACHABLE. */
export async function countRequests(setup: Setup, admin: string): Promise<ReadonlyMap<string, number>> {
  const path = "/reverse_proxy/upstreams";
  const [, socketPath] = /^unix\/(\/.*)$/.exec(admin) ?? [];
  const { hostname, port } = new URL(`http://${socketPath === undefined ? admin : "localhost"}`);
  const where = socketPath === undefined ? { host: hostname.replaceAll(/[[\]]/g, ""), port } : { socketPath };
  const headers = { host: socketPath === undefined ? admin : "" };
  const { body } = await get({ ...where, path, headers }).catch((error: unknown) => {
    throw notRunning(setup, error);
  });
  const counts = new Map<string, number>();
  const all: unknown = JSON.parse(body);
  for (const { address, num_requests: count } of Array.isArray(all) ? all.filter(isUpstream) : [])
    counts.set(address, (counts.get(address) ?? 0) + count);
  return counts;
}

function isUpstream(value: unknown): value is Upstream {
  return (
    typeof value === "object" &&
    value !== null &&
    "address" in value &&
    typeof value.address === "string" &&
    "num_requests" in value &&
    typeof value.num_requests === "number"
  );
}

interface Upstream {
  readonly address: string;
  readonly num_requests: number;
}

const settleMs = 15_000;

/** True when Caddy answers with these files; false: not in time. */
export async function settle(setup: Setup, digest: string): Promise<boolean> {
  const deadline = performance.now() + settleMs;
  while (performance.now() < deadline) {
    const running = await askState(setup, "").catch(() => null);
    if (running?.digest === digest) return true;
    await delay(20);
  }
  return false;
}
