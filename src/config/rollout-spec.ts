import type { CanarySpec, JudgeSpec, RolloutSpec, TrafficSpec } from "../plan/spec.ts";
import type { CohortMatch } from "../plan/traffic.ts";
import type { RawConfig, RawJudge, RawRollout, RawTraffic } from "./raw.ts";
import { serversOf } from "./servers.ts";
import { milliseconds } from "./service-spec.ts";

export function toRollout({ rollout, proof }: Pick<RawConfig, "rollout" | "proof">): RolloutSpec {
  const { strategy, batch } = rollout;
  const canary = toCanary(rollout, proof === false ? undefined : proof.url);
  return {
    strategy,
    batch: typeof batch === "number" ? { count: batch } : { share: share(batch) },
    ...(canary !== undefined && { canary }),
    capacity: share(rollout.capacity),
    keepWarmMs: milliseconds(rollout["keep-warm"]),
  };
}

function toCanary({ strategy, canary }: RawRollout, url: string | undefined): CanarySpec | undefined {
  if (canary === undefined && strategy !== "canary") return undefined;
  const usual = strategy === "canary" ? ["5%", "25%", "100%"] : ["100%"];
  const judge = canary?.judge;
  return {
    match: canary?.match && toMatch(canary.match),
    steps: (canary?.steps ?? usual).map(share),
    holdMs: milliseconds(canary?.hold ?? "5m"),
    ...(typeof judge === "object" && { judge: toJudge(judge, url) }),
  };
}

/** What clients are known to ask is what the judge asks too. */
function toJudge(judge: RawJudge, url: string | undefined): JudgeSpec {
  const asked = url === undefined ? undefined : new URL(url);
  return {
    errors: judge.errors,
    latency: judge.latency,
    split: judge.split,
    onHarm: judge["on-harm"],
    isDryRun: judge["dry-run"],
    ratePerSecond: judge.rate,
    paths: judge.paths ?? (asked === undefined ? [] : [asked.pathname + asked.search]),
    site: asked?.host,
    withinMs: milliseconds(judge.within),
    warmUpMs: milliseconds(judge["warm-up"]),
    hostCheckMs: milliseconds(judge["pre-check"]),
    check: judge.check,
  };
}

function toMatch({
  header,
  cookie,
  regex,
}: {
  readonly header?: string;
  readonly cookie?: string;
  readonly regex: string;
}): CohortMatch {
  return header === undefined ? { cookie: cookie ?? "", regex } : { header, regex };
}

export function share(percentage: string): number {
  return Number.parseInt(percentage, 10) / 100;
}

/** A service whose backend is "none" is asked by its own server only. */
export const noBackend = "none";

/** undefined: no balancer is driven. */
export function toTraffic(raw: RawConfig): TrafficSpec | undefined {
  const { traffic } = raw;
  if (!isDriven(traffic)) return undefined;
  const { engine, options } = traffic;
  const backends = Object.entries(traffic.backends).filter(([, backend]) => backend !== noBackend);
  const addresses = serversOf(raw).flatMap(({ name, address }) =>
    address === undefined ? [] : [[name, address] as const],
  );
  return {
    engine,
    backends: Object.fromEntries(backends),
    addresses: Object.fromEntries(addresses),
    options,
  };
}

export function isDriven(traffic: RawTraffic | undefined): traffic is RawTraffic {
  return traffic !== undefined && traffic.engine !== "socket";
}
