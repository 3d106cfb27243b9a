import type { RawConfig } from "../raw.ts";
import { isDriven, share } from "../rollout-spec.ts";
import { halvesOf, serversOf } from "../servers.ts";
import { parseDuration } from "../units.ts";
import type { Issue } from "../validate.ts";
import { judgeIssues } from "./judge.ts";

/** What each strategy needs, and which settings it has no use for. */
export function rolloutIssues(config: RawConfig): readonly Issue[] {
  return [...needs(config), ...useless(config), ...canaryIssues(config), ...judgeIssues(config)];
}

function needs(config: RawConfig): readonly Issue[] {
  const { strategy } = config.rollout;
  if (strategy !== "blue-green" && strategy !== "canary") return [];
  return [
    ...(strategy === "blue-green" ? halfIssues(config) : canaryServers(config)),
    ...(isDriven(config.traffic)
      ? []
      : [
          {
            path: ["rollout", "strategy"],
            message: `rollout.strategy: ${strategy} needs a balancer`,
            why: "It moves the traffic between servers, which the listening socket of one server cannot do.",
            fix: "Set traffic.engine to haproxy, nginx or caddy, or use strategy: rolling.",
          },
        ]),
  ];
}

function halfIssues(config: RawConfig): readonly Issue[] {
  const halves = Object.keys(halvesOf(config) ?? {});
  if (halves.length === 2) return [];
  const why = {
    0: "servers is not given in halves.",
    1: `servers has only the half ${halves[0]}.`,
  }[halves.length];
  return [
    {
      path: config.servers === undefined ? ["rollout", "strategy"] : ["servers"],
      message: "rollout.strategy: blue-green needs servers in two halves",
      why: why ?? `servers has ${halves.length} halves: ${halves.join(", ")}.`,
      fix: "Name them: servers: { blue: [deploy@10.0.0.5], green: [deploy@10.0.0.6] }.",
    },
  ];
}

function canaryServers(config: RawConfig): readonly Issue[] {
  if (serversOf(config).length > 1) return [];
  return [
    {
      path: config.servers === undefined ? ["rollout", "strategy"] : ["servers"],
      message: "rollout.strategy: canary needs at least two servers",
      why: "One has the new release while the others go on with the old.",
      fix: "Name them in servers, or use strategy: rolling.",
    },
  ];
}

function useless({ rollout }: RawConfig): readonly Issue[] {
  const { strategy, canary } = rollout;
  const issues: Issue[] = [];
  if (canary !== undefined && strategy !== "canary" && strategy !== "blue-green")
    issues.push({
      path: ["rollout", "canary"],
      message: `rollout.canary has no meaning with strategy: ${strategy}`,
      fix: "Set rollout.strategy to canary or blue-green, or remove rollout.canary (canary: null in a stage).",
    });
  if ((parseDuration(rollout["keep-warm"]) ?? 0) > 0 && strategy !== "blue-green")
    issues.push({
      path: ["rollout", "keep-warm"],
      message: `rollout.keep-warm has no meaning with strategy: ${strategy}`,
      why: "Only blue-green has an old half that could stay; rollout.bake keeps old instances ready on every server.",
      fix: "Set rollout.bake instead, or remove it (keep-warm: null in a stage).",
    });
  return issues;
}

function canaryIssues({ rollout }: RawConfig): readonly Issue[] {
  const { canary } = rollout;
  if (canary === undefined) return [];
  const issues: Issue[] = [];
  const { match, steps } = canary;
  if (match !== undefined && (match.header === undefined) === (match.cookie === undefined))
    issues.push({
      path: ["rollout", "canary", "match"],
      message: "rollout.canary.match: give either header or cookie",
    });
  const shares = steps?.map(share) ?? [1];
  const falling = shares.findIndex((one, index) => one <= (shares[index - 1] ?? 0));
  if (falling !== -1)
    issues.push({
      path: ["rollout", "canary", "steps", String(falling)],
      message: `rollout.canary.steps: ${steps?.[falling]} is not more than the step before`,
      fix: "Order the steps from the smallest share to 100%.",
    });
  if (shares.at(-1) !== 1)
    issues.push({
      path: ["rollout", "canary", "steps"],
      message: "rollout.canary.steps: the last step is not 100%",
      why: "A deployment ends with one release everywhere.",
      fix: `Add it: steps: [${[...(steps ?? []), "100%"].join(", ")}].`,
    });
  return issues;
}
