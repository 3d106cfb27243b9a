import type { BalancerKind } from "./bed/balancer.ts";

/** How a fleet of two goes from release to release, with short times. */
export interface StrategyCase {
  readonly name: string;
  readonly servers: string;
  readonly rollout: string;
  readonly balancer: BalancerKind;
  /** Deployments measure themselves; else the test alone does, and each operator is a process less. */
  readonly isProven?: boolean;
}

export const hosts = ["h1", "h2"] as const;
const all = "[deploy@h1, deploy@h2]";
const mobile = `{ header: User-Agent, regex: "Mobile|Android|iPhone" }`;

const wanted = [
  { name: "rolling", servers: all, rollout: "{ strategy: rolling, batch: 1, bake: 100ms }" },
  {
    name: "blue-green",
    servers: "{ blue: [deploy@h1], green: [deploy@h2] }",
    rollout: `{ strategy: blue-green, keep-warm: 100ms, bake: 100ms, canary: { match: ${mobile}, hold: 100ms, judge: false } }`,
  },
  {
    name: "canary",
    servers: all,
    rollout: `{ strategy: canary, bake: 100ms, canary: { match: ${mobile}, steps: [20%, 100%], hold: 100ms, judge: false } }`,
  },
];

/** Every strategy behind this balancer. */
export function strategiesBehind(balancer: BalancerKind): readonly StrategyCase[] {
  return wanted.map((one) => ({ ...one, balancer }));
}
