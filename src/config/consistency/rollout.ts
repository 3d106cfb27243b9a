import type { RawConfig } from "../raw.ts";
import { isDriven, share } from "../rollout-spec.ts";
import { halvesOf, serversOf } from "../servers.ts";
import { parseDuration } from "../units.ts";
import type { Issue } from "../validate.ts";

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

/** Of the new release; so many good ones settle that it is sound. */
const enoughAnswers = 700;

function judgeIssues({ rollout }: RawConfig): readonly Issue[] {
  const { strategy, canary } = rollout;
  const judge = canary?.judge;
  if (canary === undefined || judge === undefined || judge === false) return [];
  const path = ["rollout", "canary", "judge"];
  if (strategy === "blue-green" && isAllAtOnce(canary))
    return [
      {
        path,
        message:
          "rollout.canary.judge: everything goes to the new half at once, so there is nothing to judge",
        fix: "Give canary a match or steps, for example steps: [10%, 100%], or remove rollout.canary.judge.",
      },
    ];
  const isBlind = !judge.errors && !judge.latency && judge.check === undefined;
  if (isBlind)
    return [
      {
        path,
        message: "rollout.canary.judge: nothing is left to judge by",
        fix: "Leave errors or latency on, give a check, or set judge: false.",
      },
    ];
  return judge["dry-run"] ? [] : holdIssues(canary.hold, judge.rate);
}

/** Neither a cohort nor a share of the new half comes before all of it. */
function isAllAtOnce({ match, steps = [] }: NonNullable<RawConfig["rollout"]["canary"]>): boolean {
  return match === undefined && steps.length < 2;
}

function holdIssues(hold: string, rate: number): readonly Issue[] {
  const seconds = (parseDuration(hold) ?? 0) / 1000;
  const answers = Math.floor((seconds * rate) / 2);
  if (answers >= enoughAnswers) return [];
  const other = `hold: ${Math.ceil((2 * enoughAnswers) / rate)}s`;
  const faster = seconds === 0 ? "" : `, or judge: { rate: ${Math.ceil((2 * enoughAnswers) / seconds)} }`;
  return [
    {
      path: ["rollout", "canary", "hold"],
      message: `rollout.canary.hold: ${hold} is too short for the judge`,
      why: `At a rate of ${rate} it sees ${answers} answers of the new release, and needs ${enoughAnswers} to find one sound.`,
      fix: `Set ${other}${faster}.`,
    },
  ];
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
