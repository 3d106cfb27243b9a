import type { RawConfig, RawJudge, RawRollout } from "../raw.ts";
import { isDriven, noBackend } from "../rollout-spec.ts";
import { parseDuration } from "../units.ts";
import type { Issue } from "../validate.ts";

/** Of the new release; so many good ones settle that it is sound. */
const enoughAnswers = 700;

/** Whoever watches a canary has it judged, unless the config says otherwise or there is nobody to ask. */
export function isJudgedUnasked(config: RawConfig): boolean {
  const { strategy, canary } = config.rollout;
  const isWatched = strategy === "canary" || (strategy === "blue-green" && !isAllAtOnce(canary));
  return isWatched && canary?.judge === undefined && isDriven(config.traffic) && isAskable(config);
}

/** Why a judge that the config asks for cannot be. */
export function judgeIssues(config: RawConfig): readonly Issue[] {
  const { strategy, canary } = config.rollout;
  const judge = canary?.judge;
  if (canary === undefined || typeof judge !== "object") return [];
  if (strategy === "blue-green" && isAllAtOnce(canary))
    return refuse(
      "everything goes to the new half at once, so there is nothing to judge",
      "Give canary a match or steps, for example steps: [10%, 100%], or remove rollout.canary.judge.",
    );
  if (!judge.errors && !judge.latency && judge.check === undefined)
    return refuse(
      "nothing is left to judge by",
      "Leave errors or latency on, give a check, or set judge: false.",
    );
  if (isDriven(config.traffic) && !isAskable(config))
    return refuse(
      "no service behind the balancer has a path that could be asked",
      "Give it a health path, set proof.url or judge: { paths: [/] }, or set judge: false.",
    );
  return judge["dry-run"] ? [] : timeIssues(canary.hold, judge);
}

function refuse(why: string, fix: string): readonly Issue[] {
  return [{ path: ["rollout", "canary", "judge"], message: `rollout.canary.judge: ${why}`, fix }];
}

/** Neither a cohort nor a share of the new half comes before all of it. */
function isAllAtOnce(canary: RawRollout["canary"]): boolean {
  return canary?.match === undefined && (canary?.steps ?? []).length < 2;
}

/** Has the judge something to ask, of a service that the balancer knows? */
function isAskable({ services, traffic, rollout, proof }: RawConfig): boolean {
  const judge = rollout.canary?.judge;
  const isNamed = judge !== false && judge?.paths !== undefined && judge.paths.length > 0;
  const isKnown = isNamed || (proof !== false && proof.url !== undefined);
  return Object.entries(services).some(([name, { port, health }]) => {
    const backend = traffic?.backends[name] ?? noBackend;
    return port !== undefined && backend !== noBackend && (isKnown || health?.path !== undefined);
  });
}

function timeIssues(hold: string, { rate, within }: RawJudge): readonly Issue[] {
  const seconds = Math.max(parseDuration(hold) ?? 0, parseDuration(within) ?? 0) / 1000;
  const answers = Math.floor((seconds * rate) / 2);
  if (answers >= enoughAnswers) return [];
  const longer = `judge: { within: ${Math.ceil((2 * enoughAnswers) / rate)}s }`;
  const faster = seconds === 0 ? "" : `, or judge: { rate: ${Math.ceil((2 * enoughAnswers) / seconds)} }`;
  return [
    {
      path: ["rollout", "canary", "judge", "within"],
      message: `rollout.canary.judge.within: ${within} is too short for the judge`,
      why: `At a rate of ${rate} it sees ${answers} answers of the new release, and needs ${enoughAnswers} to find one sound.`,
      fix: `Set ${longer}${faster}.`,
    },
  ];
}
