import type { BalancerKind } from "./bed/balancer.ts";

/** How a fleet of four goes from release to release, with short times. */
export interface StrategyCase {
  readonly name: string;
  readonly servers: string;
  readonly rollout: string;
  readonly balancer: BalancerKind;
}

export const hosts = ["h1", "h2", "h3", "h4"] as const;
const all = "[deploy@h1, deploy@h2, deploy@h3, deploy@h4]";

export const strategies: readonly StrategyCase[] = [
  {
    name: "rolling",
    servers: all,
    rollout: "{ strategy: rolling, batch: 2, bake: 100ms }",
    balancer: "haproxy",
  },
];
